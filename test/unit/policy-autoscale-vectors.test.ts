/** The autoscaler against decisions of Kubernetes' own controller (test/fixtures/hpa-vectors/README.md). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import {
  type AutoscaleSettings,
  type AutoscaleState,
  decideReplicas,
  initialAutoscaleState,
  type ObservedPod,
  type ScalingRules,
} from "../../src/policy/autoscale/index.ts";

type PodRow = readonly [
  name: string,
  phase: ObservedPod["phase"],
  deleting: boolean,
  ready: boolean | null,
  readyChangedMs: number,
  startMs: number | null,
  requestMillis: number,
  cpuMillis: number | null,
  timestampMs: number,
  windowMs: number,
];

interface RulesRow {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: ScalingRules["selectPolicy"];
  readonly policies: readonly { type: "Pods" | "Percent"; value: number; periodSeconds: number }[];
  readonly tolerance: number | null;
}

interface History {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly targetCpuPercent: number;
  readonly tolerance: number;
  readonly downscaleStabilizationSeconds: number;
  readonly cpuInitializationPeriodSeconds: number;
  readonly initialReadinessDelaySeconds: number;
  readonly behavior: { readonly scaleUp: RulesRow; readonly scaleDown: RulesRow } | null;
  readonly steps: readonly {
    readonly nowMs: number;
    readonly currentReplicas: number;
    readonly pods: readonly PodRow[];
    readonly desiredReplicas: number;
    readonly utilizationPercent: number | null;
    readonly error: boolean;
  }[];
}

const histories: readonly History[] = JSON.parse(
  readFileSync(join(projectDir, "test", "fixtures", "hpa-vectors", "vectors.json"), "utf8"),
);

for (const history of histories) {
  test(`decides as Kubernetes does: ${history.name}`, () => {
    const settings = settingsOf(history);
    let state: AutoscaleState = initialAutoscaleState;
    for (const step of history.steps) {
      const decision = decideReplicas(settings, state, { ...step, pods: step.pods.map(podOf) });
      state = decision.state;
      const where = `at ${step.nowMs} ms`;
      assert.equal(decision.desiredReplicas, step.desiredReplicas, where);
      assert.equal(decision.reason.startsWith("no "), step.error, where);
      if (!step.error) assert.equal(decision.utilizationPercent, step.utilizationPercent, where);
    }
  });
}

test("the recorded histories scale both ways often enough to mean something", () => {
  const steps = histories.flatMap((history) => history.steps);
  assert.ok(steps.filter((step) => step.desiredReplicas > step.currentReplicas).length >= 100);
  assert.ok(steps.filter((step) => step.desiredReplicas < step.currentReplicas).length >= 50);
  assert.ok(steps.filter((step) => step.error).length >= 10);
});

function settingsOf(history: History): AutoscaleSettings {
  const { minReplicas, maxReplicas, targetCpuPercent, tolerance, behavior } = history;
  return {
    minReplicas,
    maxReplicas,
    targetCpuPercent,
    tolerance,
    downscaleStabilizationMs: history.downscaleStabilizationSeconds * 1000,
    cpuInitializationPeriodMs: history.cpuInitializationPeriodSeconds * 1000,
    initialReadinessDelayMs: history.initialReadinessDelaySeconds * 1000,
    behavior: behavior && { scaleUp: rulesOf(behavior.scaleUp), scaleDown: rulesOf(behavior.scaleDown) },
  };
}

function rulesOf({ stabilizationWindowSeconds, selectPolicy, policies, tolerance }: RulesRow): ScalingRules {
  return {
    stabilizationWindowMs: stabilizationWindowSeconds * 1000,
    selectPolicy,
    policies: policies.map(({ type, value, periodSeconds }) => ({ type, value, periodMs: periodSeconds * 1000 })),
    tolerance,
  };
}

function podOf(row: PodRow): ObservedPod {
  const [, phase, deleting, ready, changedMs, startMs, cpuRequestMillis, cpuMillis, timestampMs, windowMs] = row;
  return {
    phase,
    deleting,
    readiness: ready === null ? null : { ready, changedMs },
    startMs,
    cpuRequestMillis,
    cpuSample: cpuMillis === null ? null : { cpuMillis, timestampMs, windowMs },
  };
}
