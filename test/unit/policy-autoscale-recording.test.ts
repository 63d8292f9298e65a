/** The autoscaler fed with what a real one saw on a cluster (test/fixtures/hpa-recording/README.md). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { compareDecisions, type Recording } from "../kit/hpa-comparison.ts";

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
