/** The autoscaler fed with what a real one saw on a cluster (test/fixtures/hpa-recording/README.md). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { compareDecisions, type Recording } from "../kit/hpa-comparison.ts";
import { decisionsOf, durationMs, type Look, stepsOf } from "../kit/hpa-recorder.ts";

const recording: Recording = JSON.parse(
  readFileSync(join(projectDir, "test", "fixtures", "hpa-recording", "recording.json"), "utf8"),
);

test("decides as the autoscaler of a real cluster did, in at least 95 % of decisions", () => {
  const { agreed, differences } = compareDecisions(recording);
  assert.ok(agreed / recording.steps.length >= 0.95, differences.join("\n"));
});

test("the recording scales up and down, and a wrong target would show", () => {
  const change = recording.steps.map(({ desiredReplicas, currentReplicas }) => desiredReplicas - currentReplicas);
  assert.ok(change.some((by) => by > 0) && change.some((by) => by < 0));
  const { agreed } = compareDecisions({ ...recording, targetCpuPercent: recording.targetCpuPercent * 2 });
  assert.ok(agreed / recording.steps.length < 0.95);
});

test("recorder: windows as Go writes durations", () => {
  assert.deepEqual(["414ms", "16.5s", "1m0.5s"].map(durationMs), [414, 16_500, 60_500]);
});

test("recorder: the log's decisions, each with what there was to be seen before and after it", () => {
  const at = (time: string) => `1130 ${time}       1 horizontal.go:`;
  const log = [
    `I${at("09:12:05.250000")}958] "Proposing desired replicas" desiredReplicas=5 metric="cpu" scaleTarget="Deployment/lab/web"`,
    `I${at("09:12:05.260000")}1032] "Successfully rescaled" HPA="lab/web" currentReplicas=2 desiredReplicas=4 reason="above"`,
    `I${at("09:12:20.250000")}958] "Proposing desired replicas" desiredReplicas=4 metric="cpu" scaleTarget="Deployment/lab/web"`,
    `I${at("09:12:20.260000")}958] "Proposing desired replicas" desiredReplicas=9 metric="cpu" scaleTarget="Deployment/lab/other"`,
    `I${at("09:12:20.270000")}1059] "Decided not to scale" scaleTarget="Deployment/lab/web" desiredReplicas=4 lastScaleTime=""`,
  ].join("\n");
  const decisions = decisionsOf(log, { namespace: "lab", name: "web", year: 2026 });
  const startEpochMs = new Date(2026, 10, 30, 9, 12, 0).getTime();
  assert.deepEqual(
    decisions.map(({ atEpochMs, ...decision }) => ({ atMs: atEpochMs - startEpochMs, ...decision })),
    [
      { atMs: 5250, proposedReplicas: 5, currentReplicas: 2, desiredReplicas: 4 },
      { atMs: 20_250, proposedReplicas: 4, currentReplicas: 4, desiredReplicas: 4 },
    ],
  );
  const look = (askedMs: number, phase: string, cpuMillis: number): Look => ({
    askedMs,
    answeredMs: askedMs + 50,
    pods: [["web-1", phase, false, true, 0, 0, 50, cpuMillis, 0, 10_000]],
  });
  const looks = [look(4000, "Pending", 40), look(5150, "Running", 40), look(5400, "Succeeded", 60)];
  const steps = stepsOf([look(0, "Unknown", 1), ...looks, look(20_000, "Running", 1)], decisions, startEpochMs);
  const states = steps.map(({ pods, otherPods }) => [pods, ...otherPods!].map(([row]) => [row![1], row![7]]));
  // What came after the decision counts by its metrics only; the second decision has no look after it.
  assert.deepEqual(states, [
    [
      ["Running", 40],
      ["Pending", 40],
      ["Running", 60],
    ],
  ]);
});
