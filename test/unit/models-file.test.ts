/** The model file: what is written is read, evaluation results change nothing else, foreign files are refused. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { GraphBuilder } from "../../src/engine/graph/index.ts";
import { encodeModel, readMetadata, replaceMetadata } from "../../src/engine/onnx/index.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { readModelFile, writeEvaluation, writeModelFile } from "../../src/models/index.ts";
import { sampleMetadata, toyModelFile } from "../kit/toy-model.ts";

const dir = await mkdtemp(join(tmpdir(), "fulcrum-model-"));
after(() => rm(dir, { recursive: true }));

const evaluation = {
  data: "evaluation split of photos",
  synthetic: true,
  photos: 10,
  correct: 9,
  accuracy: { estimate: 0.9, low: 0.596, high: 0.982, level: 0.95, method: "Wilson" },
  logLoss: 0.3,
};

test("what is written is read back", async () => {
  const path = join(dir, "whole.onnx");
  await writeModelFile(path, toyModelFile());
  const { metadata, bytes, sha256, trainedSha256 } = await readModelFile(path);
  assert.deepEqual(metadata, sampleMetadata(metadata.classes, metadata.preprocessing));
  assert.deepEqual(metadata.classes, ["Red", "Green", "Blue"]);
  assert.deepEqual(Buffer.from(bytes), await readFile(path));
  assert.equal(trainedSha256, sha256);
});

test("evaluation results are written in place of earlier ones, and the trained hash stays", async () => {
  const path = join(dir, "evaluated.onnx");
  await writeModelFile(path, toyModelFile());
  const before = await readModelFile(path);
  await writeEvaluation(path, { ...evaluation, correct: 1 });
  await writeEvaluation(path, evaluation);
  const evaluated = await readModelFile(path);
  assert.deepEqual(evaluated.metadata, { ...before.metadata, evaluation });
  assert.notEqual(evaluated.sha256, before.sha256);
  assert.equal(evaluated.trainedSha256, before.sha256);
});

test("metadata of others is kept", async () => {
  const path = join(dir, "annotated.onnx");
  const bytes = toyModelFile();
  await writeModelFile(path, replaceMetadata(bytes, { ...readMetadata(bytes), author: "somebody" }));
  await writeEvaluation(path, evaluation);
  assert.equal(readMetadata(await readFile(path)).author, "somebody");
});

function foreignModel(metadata: Record<string, string>): Uint8Array {
  const b = new GraphBuilder();
  b.output("y", b.relu(b.input("x", "float32", [1])));
  return encodeModel(b.build("foreign"), { metadata });
}

const own = readMetadata(toyModelFile());
const refusals: readonly [name: string, file: Uint8Array, problem: RegExp][] = [
  ["a text", Buffer.from("not a model"), /not an ONNX file/],
  ["an empty file", new Uint8Array(0), /not an ONNX file/],
  ["half a model", toyModelFile().subarray(0, 200), /not an ONNX file/],
  ["a model of others", foreignModel({ author: "somebody" }), /not written by fulcrum/],
  ["broken JSON", foreignModel({ ...own, "fulcrum.classes": "[" }), /fulcrum.classes is not JSON/],
  ["no classes", foreignModel({ ...own, "fulcrum.classes": "[]" }), /classes/],
  ["another format version", foreignModel({ ...own, "fulcrum.formatVersion": "2" }), /formatVersion/],
];

for (const [name, file, problem] of refusals) {
  test(`refuses ${name}`, async () => {
    const path = join(dir, "refused.onnx");
    await writeFile(path, file);
    await assert.rejects(
      readModelFile(path),
      (error) => isFulcrumError(error, "MODEL_FILE_INVALID") && problem.test(error.message),
    );
  });
}

test("a missing file is named", async () => {
  await assert.rejects(readModelFile(join(dir, "nowhere.onnx")), (error) => isFulcrumError(error, "FILE_UNREADABLE"));
});
