/** The autoscaler on the documentation's own worked examples ("Horizontal Pod Autoscaling", Kubernetes 1.37). */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AutoscaleSettings,
  type AutoscaleState,
  decideReplicas,
  defaultBehavior,
  initialAutoscaleState,
  type ObservedPod,
  type ScalingBehavior,
} from "../../src/policy/autoscale/index.ts";

const minute = 60_000;
const settings: AutoscaleSettings = {
  minReplicas: 1,
  maxReplicas: 100,
  targetCpuPercent: 50,
  tolerance: 0.1,
  downscaleStabilizationMs: 5 * minute,
  cpuInitializationPeriodMs: 5 * minute,
  initialReadinessDelayMs: 30_000,
  behavior: null,
};

/** Long ready, with its use in percent of its request. */
const pod = (percent: number, changes: Partial<ObservedPod> = {}): ObservedPod => ({
  phase: "Running",
  deleting: false,
  readiness: { ready: true, changedMs: -60 * minute },
  startMs: -61 * minute,
  cpuRequestMillis: 1000,
  cpuSample: { cpuMillis: percent * 10, timestampMs: 0, windowMs: 15_000 },
  ...changes,
});

function desired(
  pods: readonly ObservedPod[],
  changes: Partial<AutoscaleSettings> = {},
  state = initialAutoscaleState,
) {
  return decideReplicas({ ...settings, ...changes }, state, { currentReplicas: pods.length, pods, nowMs: 0 });
}

test("use at twice the target doubles the replicas, at half of it halves them", () => {
  // "if the current metric value is 200m, and the desired value is 100m, the number of replicas will be doubled,
  // since 200.0 / 100.0 = 2.0. If the current value is instead 50m, you'll halve the number of replicas"
  assert.equal(desired([pod(100), pod(100), pod(100)]).desiredReplicas, 6);
  assert.equal(desired([pod(25), pod(25), pod(25), pod(25)], { downscaleStabilizationMs: 0 }).recommendedReplicas, 2);
});

test("the ratio is rounded up to whole replicas", () => {
  // ceil[currentReplicas * currentMetricValue / desiredMetricValue]: 3 * 70 / 50 = 4.2
  assert.equal(desired([pod(70), pod(70), pod(70)]).desiredReplicas, 5);
});

test("within the tolerance nothing changes; its edges belong to it", () => {
  assert.equal(desired([pod(55), pod(55)]).desiredReplicas, 2);
  assert.equal(desired([pod(45), pod(45)]).recommendedReplicas, 2);
  assert.equal(desired([pod(56), pod(56)]).desiredReplicas, 3);
  assert.equal(desired([pod(62), pod(62)], { tolerance: 0.25 }).desiredReplicas, 2);
});

test("missing samples count as idle when scaling up and as fully used when scaling down", () => {
  const missing = pod(0, { cpuSample: null });
  // 100 % of two of three pods: (100 + 100 + 0) / 3 = 66 %; 66 / 50 * 3 = 3.96
  assert.equal(desired([pod(100), pod(100), missing]).recommendedReplicas, 4);
  // 10 % of three of four: (10 * 3 + 100) / 4 = 32 %; 32 / 50 * 4 = 2.56
  assert.equal(desired([pod(10), pod(10), pod(10), missing]).recommendedReplicas, 3);
  // 10 % of one of two: (10 + 100) / 2 = 55 % would turn the direction: no change
  assert.equal(desired([pod(10), missing]).recommendedReplicas, 2);
});

test("pods that are not ready yet dampen scaling up and do not count when scaling down", () => {
  const starting = pod(200, { readiness: { ready: false, changedMs: -5000 }, startMs: -5000 });
  // 100 % of two, two starting as idle: 50 %, which is the target
  assert.equal(desired([pod(100), pod(100), starting, starting]).desiredReplicas, 4);
  // 10 % of two ready ones alone: 10 / 50 * 2
  assert.equal(desired([pod(10), pod(10), starting]).recommendedReplicas, 1);
  const pending = pod(0, { phase: "Pending", readiness: null, startMs: null, cpuSample: null });
  assert.equal(desired([pod(100), pod(100), pending, pending]).desiredReplicas, 4);
});

test("a young pod's first sample counts once a whole window lies after it became ready", () => {
  const ready = (changedMs: number) => pod(200, { readiness: { ready: true, changedMs }, startMs: -40_000 });
  assert.equal(desired([pod(50), ready(-14_000)]).recommendedReplicas, 2);
  assert.equal(desired([pod(50), ready(-15_000)]).recommendedReplicas, 5); // 125 / 50 * 2
});

test("pods that end or failed are left out", () => {
  assert.equal(desired([pod(100), pod(0, { deleting: true }), pod(0, { phase: "Failed" })]).recommendedReplicas, 2);
});

test("without any usable sample nothing changes", () => {
  const decision = desired([pod(0, { cpuSample: null }), pod(0, { cpuSample: null })]);
  assert.deepEqual([decision.desiredReplicas, decision.reason], [2, "no metrics of ready pods"]);
  assert.equal(desired([]).reason, "ScalingDisabled");
});

test("bounds hold, and a count outside is brought in without a look at the metrics", () => {
  assert.deepEqual(pick(desired([pod(400), pod(400), pod(400)], { maxReplicas: 5 })), [5, "TooManyReplicas"]);
  assert.deepEqual(pick(desired([pod(50)], { minReplicas: 3 })), [3, "TooFewReplicas"]);
  assert.deepEqual(pick(desired([pod(50), pod(50), pod(50)], { maxReplicas: 2 })), [2, "TooManyReplicas"]);
  const idle = desired([pod(0), pod(0), pod(0)], { minReplicas: 2, behavior: defaultBehavior(0) });
  assert.deepEqual(pick(idle), [2, "TooFewReplicas"]);
});

test("without behaviour one decision at most doubles, or goes to 4", () => {
  assert.deepEqual(pick(desired([pod(1000)])), [4, "ScaleUpLimit"]);
  assert.deepEqual(pick(desired(Array(5).fill(pod(1000)))), [10, "ScaleUpLimit"]);
});

test("the default behaviour adds 4 pods or 100 %, whichever is more, in 15 s", () => {
  const behavior = defaultBehavior(settings.downscaleStabilizationMs);
  assert.equal(desired([pod(1000)], { behavior }).desiredReplicas, 5);
  assert.equal(desired(Array(8).fill(pod(1000)), { behavior }).desiredReplicas, 16);
});

test("scaling down follows the highest recommendation of the stabilisation window", () => {
  let state = initialAutoscaleState;
  const at = (nowMs: number, percent: number) => {
    const sample = { cpuMillis: percent * 10, timestampMs: nowMs, windowMs: 15_000 };
    const pods = Array.from({ length: 4 }, () => pod(0, { cpuSample: sample }));
    const decision = decideReplicas(settings, state, { currentReplicas: 4, pods, nowMs });
    state = decision.state;
    return pick(decision);
  };
  assert.deepEqual(at(0, 50), [4, "DesiredWithinRange"]);
  assert.deepEqual(at(minute, 10), [4, "Stabilized"]);
  assert.deepEqual(at(5 * minute, 10), [4, "Stabilized"]); // the 4 of minute 0 is just 5 minutes old
  assert.deepEqual(at(5 * minute + 1, 10), [1, "DesiredWithinRange"]);
});

/** "Example: limit scale down": 10 percent or 5 pods a minute, whichever allows less or more. */
const tenPercentOrFivePods = (selectPolicy: "Max" | "Min" | "Disabled"): ScalingBehavior => ({
  ...defaultBehavior(0),
  scaleDown: {
    stabilizationWindowMs: 0,
    selectPolicy,
    policies: [
      { type: "Percent", value: 10, periodMs: minute },
      { type: "Pods", value: 5, periodMs: minute },
    ],
    tolerance: null,
  },
});

test("policies limit scaling down, and selectPolicy chooses among them", () => {
  const idle = (count: number) => Array.from({ length: count }, () => pod(0));
  const max = { behavior: tenPercentOrFivePods("Max") };
  const min = { behavior: tenPercentOrFivePods("Min") };
  assert.equal(desired(idle(80), max).desiredReplicas, 72); // 8 are 10 %
  assert.equal(desired(idle(20), max).desiredReplicas, 15); // 5 pods are more than 10 %
  assert.equal(desired(idle(80), min).desiredReplicas, 75);
  assert.equal(desired(idle(80), { behavior: tenPercentOrFivePods("Disabled") }).desiredReplicas, 80);
});

test("a policy's period counts what changed within it", () => {
  const behavior = tenPercentOrFivePods("Max");
  let state: AutoscaleState = initialAutoscaleState;
  const counts = [80];
  for (const nowMs of [0, 15_000, 30_000, 45_000, minute]) {
    const currentReplicas = counts.at(-1)!;
    const pods = Array.from({ length: currentReplicas }, () => pod(0));
    const decision = decideReplicas({ ...settings, behavior }, state, { currentReplicas, pods, nowMs });
    state = decision.state;
    counts.push(decision.desiredReplicas);
  }
  // 72 within the first minute; the next 10 % (of 72, rounded down to 64) when it is over
  assert.deepEqual(counts, [80, 72, 72, 72, 72, 64]);
});

function pick({ desiredReplicas, reason }: ReturnType<typeof desired>): [number, string] {
  return [desiredReplicas, reason];
}
