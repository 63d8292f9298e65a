/** Models prepared for this machine: the same probabilities, made once, and never in the way. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openClassifier } from "../../src/predict/index.ts";
import { toyClasses, toyModelFile } from "../kit/toy-model.ts";

async function folder(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-prepared-"));
  t.after(() => rm(dir, { recursive: true }));
  const modelPath = join(dir, "model.onnx");
  await writeFile(modelPath, toyModelFile());
  return { dir, modelPath, preparedDir: join(dir, "prepared") };
}

const pixels = { width: 20, height: 10, data: Uint8Array.from({ length: 600 }, (_, i) => (i * 37) % 256) };

async function probabilitiesOf(modelPath: string, preparedDir?: string): Promise<number[]> {
  const classifier = await openClassifier(modelPath, { threads: 1, preparedDir });
  assert.deepEqual(classifier.metadata.classes, toyClasses);
  const [prediction] = await classifier.classifyPixels([pixels]);
  await classifier.dispose();
  return [...prediction!.probabilities];
}

test("the same probabilities from the file, from preparing it, and from what was kept", async (t) => {
  const { modelPath, preparedDir } = await folder(t);
  const plain = await probabilitiesOf(modelPath);
  assert.deepEqual(await probabilitiesOf(modelPath, preparedDir), plain);
  const names = await readdir(preparedDir);
  assert.equal(names.length, 2);
  const kept = join(preparedDir, names.find((name) => name.endsWith(".ort"))!);
  const { mtimeMs } = await stat(kept);
  assert.deepEqual(await probabilitiesOf(modelPath, preparedDir), plain);
  assert.equal((await stat(kept)).mtimeMs, mtimeMs, "it is not made again");
});

test("inputs of another size than the model's are not run", async (t) => {
  const { modelPath } = await folder(t);
  const classifier = await openClassifier(modelPath, { threads: 1 });
  t.after(() => classifier.dispose());
  const bytes = 8 * 8 * 3;
  assert.equal((await classifier.classifyInputs(new Uint8Array(bytes))).probabilities.length, toyClasses.length);
  for (const length of [bytes + 1, 9 * 9 * 3, bytes - 1])
    await assert.rejects(classifier.classifyInputs(new Uint8Array(length)), { code: "ERR_ASSERTION" });
});

test("another model under the same name is prepared anew", async (t) => {
  const { modelPath, preparedDir } = await folder(t);
  await probabilitiesOf(modelPath, preparedDir);
  // A byte in the metadata: another file, the same network.
  const changed = Buffer.from(
    (await readFile(modelPath)).toString("latin1").replace("made by a test", "made by a Test"),
    "latin1",
  );
  await writeFile(modelPath, changed);
  await probabilitiesOf(modelPath, preparedDir);
  assert.equal((await readdir(preparedDir)).filter((name) => name.endsWith(".ort")).length, 2);
});

test("what was left unfinished is made again", async (t) => {
  const { modelPath, preparedDir } = await folder(t);
  const plain = await probabilitiesOf(modelPath, preparedDir);
  const description = (await readdir(preparedDir)).find((name) => name.endsWith(".json"))!;
  await rm(join(preparedDir, description));
  assert.deepEqual(await probabilitiesOf(modelPath, preparedDir), plain);
  assert.ok((await readdir(preparedDir)).includes(description));
});

test("the hash of a settled file is kept, and a change of the file is noticed", async (t) => {
  const { modelPath, preparedDir } = await folder(t);
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(modelPath, longAgo, longAgo);
  const plain = await probabilitiesOf(modelPath, preparedDir);
  const notes = async () => (await readdir(preparedDir)).filter((name) => name.endsWith(".sha256")).length;
  assert.equal(await notes(), 1);
  assert.deepEqual(await probabilitiesOf(modelPath, preparedDir), plain);
  const text = (await readFile(modelPath)).toString("latin1").replace("made by a test", "made by a Test");
  await writeFile(modelPath, Buffer.from(text, "latin1"));
  await utimes(modelPath, longAgo, longAgo);
  await probabilitiesOf(modelPath, preparedDir);
  assert.equal(await notes(), 2);
  assert.equal((await readdir(preparedDir)).filter((name) => name.endsWith(".ort")).length, 2);
});

test("of many models the newest are kept", async (t) => {
  const { dir, preparedDir } = await folder(t);
  for (let i = 0; i < 10; i++) {
    const path = join(dir, `${i}.onnx`);
    const name = `made by test ${i}`;
    await writeFile(
      path,
      Buffer.from(Buffer.from(toyModelFile()).toString("latin1").replace("made by a test", name), "latin1"),
    );
    await probabilitiesOf(path, preparedDir);
  }
  assert.equal((await readdir(preparedDir)).filter((name) => name.endsWith(".ort")).length, 8);
  assert.equal((await readdir(preparedDir)).length, 16);
});

test("where nothing can be kept the model file is used", async (t) => {
  const { modelPath } = await folder(t);
  assert.deepEqual(await probabilitiesOf(modelPath, join(modelPath, "prepared")), await probabilitiesOf(modelPath));
});

test("no file, and no model", async (t) => {
  const { dir, modelPath, preparedDir } = await folder(t);
  await assert.rejects(openClassifier(join(dir, "none.onnx"), { threads: 1, preparedDir }), {
    code: "FILE_UNREADABLE",
  });
  await writeFile(modelPath, "no model");
  await assert.rejects(openClassifier(modelPath, { threads: 1, preparedDir }), { code: "MODEL_FILE_INVALID" });
  assert.deepEqual(await readdir(preparedDir).catch(() => []), []);
});
