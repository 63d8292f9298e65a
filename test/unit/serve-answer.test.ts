/** The form of an answer, and which one a client prefers (RFC 9110, section 12.5.1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { predictionAnswer, prefersText } from "../../src/serve/answer.ts";
import { fakeModel } from "../kit/serve.ts";

test("the most probable classes come first, five of them", () => {
  const probabilities = Float32Array.of(0.0625, 0.5, 0.03125, 0.25, 0.125, 0.03125);
  const model = { ...fakeModel, classes: ["a", "b", "c", "d", "e", "f"] };
  const answer = predictionAnswer(
    { model, probabilities, queueMs: 0.123, decodeMs: 1, inferenceMs: 6.004, batchSize: 1 },
    9.999,
  );
  assert.equal(answer.model, "ab");
  assert.equal(answer.class, "b");
  assert.equal(answer.confidence, 0.5);
  assert.deepEqual(
    answer.probabilities.map((entry) => entry.class),
    ["b", "d", "e", "a", "c"],
  );
  assert.deepEqual(answer.timing, { queueMs: 0.12, decodeMs: 1, inferenceMs: 6, totalMs: 10 });
});

for (const [accept, text] of [
  [undefined, false],
  ["*/*", false],
  ["application/json", false],
  ["text/plain", true],
  ["text/*", true],
  ["text/plain, application/json", false],
  ["text/plain, application/json;q=0.5", true],
  ["text/plain;q=0.5, */*", false],
  ["text/html,application/xhtml+xml,*/*;q=0.8", false],
  ["Text/Plain; charset=utf-8; q=0.9", true],
] as const) {
  test(`Accept ${accept}: ${text ? "text" : "JSON"}`, () => assert.equal(prefersText(accept), text));
}
