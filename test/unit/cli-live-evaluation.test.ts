/** `fulcrum evaluate --live`: from the file of answers and a test set's record to the words that are printed. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openAnswers } from "../../src/answers/index.ts";
import { renderLiveEvaluation, runLiveEvaluation } from "../../src/cli/live-evaluation.ts";
import { temporaryFolder } from "../kit/photos.ts";

async function files(t: TestContext): Promise<{ answersPath: string; againstPath: string }> {
  const dir = await temporaryFolder(t);
  const answersPath = join(dir, "answers.sqlite");
  const store = openAnswers(answersPath);
  for (let i = 0; i < 40; i++) {
    const category = i % 2 ? "Egg" : "Bread";
    store.add({
      photoSha256: `p${i}`,
      modelSha256: i < 38 ? "a".repeat(64) : "b".repeat(64),
      answeredAt: new Date(Date.UTC(2026, 0, 1, i)).toISOString(),
      category,
      predicted: i % 10 === 0 ? "Egg" : category,
      confidence: 0.5 + i / 100,
      categoryProbability: 0.5,
    });
  }
  store.close();
  const predictions = Array.from({ length: 100 }, (_, i) => {
    return {
      path: `${i}.jpg`,
      label: i % 2,
      predicted: i % 2,
      confidence: 0.5 + (i % 40) / 100,
      labelProbability: 0.7,
    };
  });
  const body = {
    candidate: "toy",
    modelSha256: "a".repeat(64),
    data: "evaluation split of toy",
    synthetic: true,
    classes: ["Bread", "Egg"],
    photos: 100,
    correct: 100,
    accuracy: { estimate: 1, low: 0.963, high: 1, level: 0.95, method: "wilson" },
    logLoss: 0.3,
    perClass: [],
    confusion: [],
    predictions,
    inferenceMs: null,
  };
  const machine = {
    platform: "x",
    kernel: "x",
    cpuModel: "x",
    cpuCount: 1,
    cpuFeatures: [],
    memoryBytes: 1,
    node: "x",
  };
  const head = {
    kind: "evaluation",
    version: 1,
    createdAt: "2026-01-01",
    fulcrum: "0",
    machine,
    seed: 1,
    inputs: {},
    seconds: 1,
  };
  const againstPath = join(dir, "evaluation.json");
  await writeFile(againstPath, JSON.stringify({ ...head, body }));
  return { answersPath, againstPath };
}

test("all models without a test set, each counted", async (t) => {
  const { answersPath } = await files(t);
  const live = await runLiveEvaluation({ answersPath, modelPath: undefined, againstPath: undefined });
  const text = renderLiveEvaluation(live);
  assert.match(text, /^90\.0 % right \(36 of 40 answers; 95 % interval 76\.9 to 96\.0\), 2026-01-01T00:00/);
  assert.match(text, /^aaaaaaaaaaaa {2}34 of 38\nbbbbbbbbbbbb {2}2 of 2$/m);
  assert.match(text, /^Bread +20 +16\nEgg +20 +20$/m);
  assert.doesNotMatch(text, /drift/);
});

test("against a test set only its model's answers count, with the difference and the tests", async (t) => {
  const { answersPath, againstPath } = await files(t);
  const live = await runLiveEvaluation({ answersPath, modelPath: undefined, againstPath });
  assert.deepEqual([live.answers, live.models.length], [38, 1]);
  const text = renderLiveEvaluation(live);
  assert.match(
    text,
    /against the evaluation split of toy \(100 photos, 100\.0 %\): -10\.5 points, 95 % interval -24\.\d to -\d\.\d/,
  );
  for (const name of ["categories", "predictions", "confidence"])
    assert.match(text, new RegExp(`^${name} +p = [01]\\.\\d{4} `, "m"));
  assert.match(text, /no drift shown/);
});

test("no answer to the model that is asked for is said", async (t) => {
  const { answersPath } = await files(t);
  const empty = join(await temporaryFolder(t), "empty.sqlite");
  openAnswers(empty).close();
  const of = (path: string) => runLiveEvaluation({ answersPath: path, modelPath: undefined, againstPath: undefined });
  await assert.rejects(of(empty), { code: "ANSWERS_NONE" });
  await assert.rejects(of(`${answersPath}x`), { code: "ANSWERS_UNUSABLE" });
});
