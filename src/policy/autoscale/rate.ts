/**
 * How fast replicas may change, and the bounds.
 * Source: convertDesiredReplicasWithRules, convertDesiredReplicasWithBehaviorRate, calculateScaleUpLimitWithScalingRules,
 * calculateScaleDownLimitWithBehaviors and storeScaleEvent (horizontal.go of Kubernetes 1.37.2).
 */
import type { AutoscaleSettings, ScalingPolicy, ScalingRules } from "./settings.ts";

/** A change that was made: how many replicas came or went. */
export interface ScaleChange {
  readonly count: number;
  readonly atMs: number;
}

/** Changes within the policies' periods, apart by direction. */
export interface ScaleHistory {
  readonly ups: readonly ScaleChange[];
  readonly downs: readonly ScaleChange[];
}

/** Why a decision is what it is; the words are the HPA's ScalingLimited condition. */
export type LimitReason =
  | "DesiredWithinRange"
  | "ScaleUpLimit"
  | "ScaleDownLimit"
  | "TooManyReplicas"
  | "TooFewReplicas";

export interface Limited {
  readonly replicas: number;
  readonly reason: LimitReason;
}

/** Without behaviour: at most double, or 4, by one decision. */
const legacyFactor = 2;
const legacyMinimum = 4;

/** Brings a stabilised recommendation within speed limits and bounds. */
export function limitChange(
  settings: AutoscaleSettings,
  history: ScaleHistory,
  currentReplicas: number,
  wanted: number,
  nowMs: number,
): Limited {
  const { minReplicas, maxReplicas, behavior } = settings;
  if (behavior === null) {
    const speedLimit = Math.max(legacyFactor * currentReplicas, legacyMinimum);
    if (wanted < minReplicas) return { replicas: minReplicas, reason: "TooFewReplicas" };
    return capAbove(wanted, speedLimit, maxReplicas);
  }
  if (wanted > currentReplicas) {
    const speedLimit = Math.max(currentReplicas, scaleUpLimit(behavior.scaleUp, history, currentReplicas, nowMs));
    return capAbove(wanted, speedLimit, maxReplicas);
  }
  if (wanted < currentReplicas) {
    const speedLimit = Math.min(currentReplicas, scaleDownLimit(behavior.scaleDown, history, currentReplicas, nowMs));
    return capBelow(wanted, speedLimit, minReplicas);
  }
  return { replicas: wanted, reason: "DesiredWithinRange" };
}

function capAbove(wanted: number, speedLimit: number, maxReplicas: number): Limited {
  const limit = Math.min(speedLimit, maxReplicas);
  if (wanted <= limit) return { replicas: wanted, reason: "DesiredWithinRange" };
  return { replicas: limit, reason: maxReplicas > speedLimit ? "ScaleUpLimit" : "TooManyReplicas" };
}

function capBelow(wanted: number, speedLimit: number, minReplicas: number): Limited {
  const limit = Math.max(speedLimit, minReplicas);
  if (wanted >= limit) return { replicas: wanted, reason: "DesiredWithinRange" };
  return { replicas: limit, reason: minReplicas < speedLimit ? "ScaleDownLimit" : "TooFewReplicas" };
}

/** Percentages upwards are rounded up, so that one replica can become two by 10 %. */
function scaleUpLimit(rules: ScalingRules, history: ScaleHistory, currentReplicas: number, nowMs: number): number {
  if (rules.selectPolicy === "Disabled") return currentReplicas;
  const proposals = rules.policies.map((policy) => {
    const before = replicasAtPeriodStart(policy, history, currentReplicas, nowMs);
    return policy.type === "Pods" ? before + policy.value : Math.ceil(before * (1 + policy.value / 100));
  });
  return rules.selectPolicy === "Min" ? Math.min(...proposals) : Math.max(...proposals);
}

/** The policy that allows most change is the lowest number here. */
function scaleDownLimit(rules: ScalingRules, history: ScaleHistory, currentReplicas: number, nowMs: number): number {
  if (rules.selectPolicy === "Disabled") return currentReplicas;
  const proposals = rules.policies.map((policy) => {
    const before = replicasAtPeriodStart(policy, history, currentReplicas, nowMs);
    return policy.type === "Pods" ? before - policy.value : Math.trunc(before * (1 - policy.value / 100));
  });
  return rules.selectPolicy === "Min" ? Math.max(...proposals) : Math.min(...proposals);
}

function replicasAtPeriodStart(
  { periodMs }: ScalingPolicy,
  { ups, downs }: ScaleHistory,
  currentReplicas: number,
  nowMs: number,
): number {
  const within = (changes: readonly ScaleChange[]) =>
    changes.filter(({ atMs }) => atMs > nowMs - periodMs).reduce((sum, { count }) => sum + count, 0);
  return currentReplicas - within(ups) + within(downs);
}

/** The history with a change in it. Without behaviour no policy reads it, and it stays empty. */
export function noteChange(
  { behavior }: AutoscaleSettings,
  history: ScaleHistory,
  fromReplicas: number,
  toReplicas: number,
  nowMs: number,
): ScaleHistory {
  if (behavior === null || fromReplicas === toReplicas) return history;
  const change = { count: Math.abs(toReplicas - fromReplicas), atMs: nowMs };
  return toReplicas > fromReplicas
    ? { ...history, ups: replaceOutdated(history.ups, change, behavior.scaleUp) }
    : { ...history, downs: replaceOutdated(history.downs, change, behavior.scaleDown) };
}

/**
 * The controller overwrites the last outdated entry and keeps others, which policies of the other direction with a
 * longer period still count; so does this.
 */
function replaceOutdated(
  changes: readonly ScaleChange[],
  change: ScaleChange,
  { policies }: ScalingRules,
): readonly ScaleChange[] {
  const longestMs = Math.max(...policies.map(({ periodMs }) => periodMs));
  const slot = changes.findLastIndex(({ atMs }) => atMs < change.atMs - longestMs);
  return slot < 0 ? [...changes, change] : changes.with(slot, change);
}
