/** Live accuracy over HTTP: who is asked, what is kept, and what the client sees before it has answered. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { type AnswerRow, openAnswers, readAnswers } from "../../src/answers/index.ts";
import { sha256 } from "../../src/base/hash.ts";
import { isAsked, liveAccuracy } from "../../src/serve/live.ts";
import { photoFolder } from "../../src/serve/photo-folder.ts";
import { temporaryFolder } from "../kit/photos.ts";
import { fakeService, multipartBody } from "../kit/serve.ts";

async function service(t: TestContext, { share = 1, keepsPhotos = false, photosLimit = 1000 } = {}) {
  const dir = await temporaryFolder(t);
  const path = join(dir, "answers.sqlite");
  const photoDir = keepsPhotos ? join(dir, "photos") : undefined;
  const store = openAnswers(path);
  const outcomes: string[] = [];
  const counted = (outcome: string) => void outcomes.push(outcome);
  const failures: unknown[] = [];
  const live = liveAccuracy({
    share,
    store,
    photos: photoDir === undefined ? undefined : photoFolder(photoDir, photosLimit),
    now: () => Date.UTC(2026, 0, 1),
    counted,
    failed: (error) => void failures.push(error),
  });
  const made = await fakeService({ live });
  t.after(async () => {
    await made.app.close();
    store.close();
  });
  const rows = (): AnswerRow[] => readAnswers(path);
  return { ...made, rows, outcomes, failures, photoDir, path };
}

const upload = (query: string, fields: Record<string, string> = {}, content = "photo") => ({
  method: "POST" as const,
  url: `/predict${query}`,
  ...multipartBody([
    ...Object.entries(fields).map(([name, value]) => ({ name, content: value })),
    { name: "file", content, fileName: "a.jpg" },
  ]),
});

test("a client that can be asked is, without a word of the prediction; then its answer is kept and it gets its own", async (t) => {
  const { app, rows, outcomes } = await service(t);
  const asked = await app.inject(upload("?ask=true"));
  assert.deepEqual(asked.json(), {
    question: "Which class is it?",
    classes: ["Bread", "Egg", "Soup"],
    keepsPhoto: false,
  });
  assert.deepEqual(rows(), []);
  const answered = await app.inject(upload("?ask=true", { category: "Egg" }));
  assert.equal(answered.json().class, "Bread");
  const [row] = rows();
  assert.deepEqual(
    { ...row, confidence: row!.confidence.toFixed(6), categoryProbability: row!.categoryProbability.toFixed(6) },
    {
      photoSha256: sha256("photo"),
      modelSha256: "ab",
      answeredAt: "2026-01-01T00:00:00.000Z",
      category: "Egg",
      predicted: "Bread",
      confidence: "0.700000",
      categoryProbability: "0.200000",
    },
  );
  assert.equal((await app.inject(upload("?category=Bread"))).json().class, "Bread");
  assert.equal(rows().length, 1, "who has seen the answer does not change it");
  assert.deepEqual(outcomes, ["asked", "wrong", "repeated"]);
});

test("who does not offer it is not asked, and several photos never are", async (t) => {
  const { app } = await service(t);
  assert.equal((await app.inject(upload(""))).json().class, "Bread");
  const two = multipartBody(["a", "b"].map((content) => ({ name: "file", content, fileName: "a.jpg" })));
  const list = await app.inject({ method: "POST", url: "/predict?ask=true", ...two });
  assert.equal(list.json().length, 2);
});

test("skipping shows the prediction and keeps nothing; a category that is no class is refused", async (t) => {
  const { app, rows, outcomes } = await service(t);
  assert.equal((await app.inject(upload("?ask=true", { category: "" }))).json().class, "Bread");
  const wrong = await app.inject(upload("?ask=true", { category: "Tea" }));
  assert.deepEqual([wrong.statusCode, wrong.json().error.code], [400, "SERVE_BAD_PARAMETER"]);
  assert.match(wrong.json().error.message, /"Tea".*Bread, Egg, Soup/);
  assert.deepEqual([rows(), outcomes], [[], ["skipped"]]);
});

test("the share decides by the photo: always the same ones, and as many as it says", async (t) => {
  const hashes = Array.from({ length: 4000 }, (_, i) => sha256(`photo ${i}`));
  const asked = hashes.filter((hash) => isAsked(hash, 0.1)).length;
  // Binomial (4000, 0.1): standard deviation 19.
  assert.ok(Math.abs(asked - 400) < 80, String(asked));
  assert.ok(hashes.every((hash) => isAsked(hash, 1) && !isAsked(hash, 0)));
  const { app, rows } = await service(t, { share: 0.5 });
  for (let i = 0; i < 20; i++) {
    const isChosen = isAsked(sha256(`photo ${i}`), 0.5);
    const response = await app.inject(upload("?ask=true", {}, `photo ${i}`));
    assert.equal("question" in response.json(), isChosen);
    await app.inject(upload("?ask=true", { category: "Bread" }, `photo ${i}`));
  }
  const kept = new Set(rows().map(({ photoSha256 }) => photoSha256));
  for (let i = 0; i < 20; i++) assert.equal(kept.has(sha256(`photo ${i}`)), isAsked(sha256(`photo ${i}`), 0.5));
});

test("photos are kept only where that was chosen, under their hash", async (t) => {
  const { app, photoDir } = await service(t, { keepsPhotos: true });
  assert.equal((await app.inject(upload("?ask=true"))).json().keepsPhoto, true, "and the user is told");
  await assert.rejects(readdir(photoDir!), { code: "ENOENT" });
  await app.inject(upload("?ask=true", { category: "Bread" }));
  assert.deepEqual(await readdir(photoDir!), [sha256("photo")]);
  assert.equal(await readFile(join(photoDir!, sha256("photo")), "utf8"), "photo");
});

test("an answer that cannot be kept does not cost the client its prediction", async (t) => {
  const { app, rows, outcomes, failures, path } = await service(t);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const answered = await app.inject(upload("", { category: "Egg" }));
  assert.deepEqual([answered.statusCode, answered.json().class], [200, "Bread"]);
  assert.deepEqual([outcomes, failures.length, rows()], [["failed"], 1, []]);
  other.exec("ROLLBACK");
  await app.inject(upload("", { category: "Egg" }));
  assert.deepEqual([outcomes, rows().length], [["failed", "wrong"], 1]);
});

test("photos are kept before their answers, and up to a bound", async (t) => {
  const made = await service(t, { keepsPhotos: true, photosLimit: 10 });
  const { app, rows, outcomes, failures, photoDir } = made;
  const answer = (content: string) => app.inject(upload("", { category: "Bread" }, content));
  for (const content of ["six by", "another", "4 by"]) assert.equal((await answer(content)).statusCode, 200);
  assert.deepEqual(outcomes, ["right", "failed", "right"]);
  assert.match(String(failures[0]), /more than the 10 bytes allowed/);
  assert.deepEqual(
    (await readdir(photoDir!)).sort(),
    rows()
      .map(({ photoSha256 }) => photoSha256)
      .sort(),
  );
  assert.deepEqual([(await answer("six by")).statusCode, outcomes.at(-1)], [200, "repeated"]);
});
