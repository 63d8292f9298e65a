/** The file of users' answers: kept once, readable by others, other files refused. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type AnswerRow, openAnswers, readAnswers } from "../../src/answers/index.ts";
import { temporaryFolder } from "../kit/photos.ts";

const row: AnswerRow = {
  photoSha256: "p1",
  modelSha256: "m1",
  answeredAt: "2026-01-01T00:00:00.000Z",
  category: "Bread",
  predicted: "Egg",
  confidence: 0.75,
  categoryProbability: 0.2,
};

test("answers are there after closing; the first about a photo and a model counts", async (t) => {
  const path = join(await temporaryFolder(t), "answers.sqlite");
  const store = openAnswers(path);
  assert.equal(store.add(row), "added");
  assert.equal(store.add({ ...row, category: "Egg" }), "repeated");
  assert.equal(store.add({ ...row, modelSha256: "m2", answeredAt: "2026-01-02T00:00:00.000Z" }), "added");
  store.close();
  const again = openAnswers(path);
  assert.equal(again.add({ ...row, category: "Soup" }), "repeated");
  again.close();
  assert.deepEqual(
    readAnswers(path).map(({ category, modelSha256 }) => [category, modelSha256]),
    [
      ["Bread", "m1"],
      ["Bread", "m2"],
    ],
  );
  assert.deepEqual(readAnswers(path)[0], row);
});

test("two services share a file", async (t) => {
  const path = join(await temporaryFolder(t), "answers.sqlite");
  const [first, second] = [openAnswers(path), openAnswers(path)];
  const added = [first.add(row), second.add(row), second.add({ ...row, photoSha256: "p2" })];
  assert.deepEqual(added, ["added", "repeated", "added"]);
  assert.equal(readAnswers(path).length, 2, "readable while it is open");
  first.close();
  second.close();
});

test("a full file takes nothing more and says so", async (t) => {
  const store = openAnswers(join(await temporaryFolder(t), "answers.sqlite"), 1);
  assert.equal(store.add(row), "added");
  assert.equal(store.add({ ...row, photoSha256: "p2" }), "full");
  store.close();
});

test("other files are refused and left as they are", async (t) => {
  const dir = await temporaryFolder(t);
  const [text, foreign, folder] = [join(dir, "a.txt"), join(dir, "b.sqlite"), join(dir, "none", "c.sqlite")];
  await writeFile(text, "no database, but long enough to be looked at by whoever opens it".repeat(20));
  const database = new DatabaseSync(foreign);
  database.exec("CREATE TABLE x (y)");
  database.close();
  const before = await Promise.all([readFile(text), readFile(foreign)]);
  for (const path of [text, foreign, folder]) {
    assert.throws(() => openAnswers(path), { code: "ANSWERS_UNUSABLE" });
    assert.throws(() => readAnswers(path), { code: "ANSWERS_UNUSABLE" });
  }
  assert.throws(() => readAnswers(join(dir, "missing.sqlite")), { code: "ANSWERS_UNUSABLE" });
  assert.deepEqual((await Promise.all([readFile(text), readFile(foreign)]))[0], before[0]);
});
