/** Reloading the model under the pool: worker by worker, without losing a photo; what fails leaves the old model. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InferencePool } from "../../src/serve/pool.ts";
import { FakeClock, settle } from "../kit/fake-clock.ts";
import { fakeModel, fakeWorkers } from "../kit/serve.ts";

const stays = new AbortController().signal;
const newModel = { ...fakeModel, classes: ["Tea", "Rice", "Nuts"], sha256: "cd" };

/** A pool with two workers that are ready, and a second family of workers to reload with. */
function build() {
  const clock = new FakeClock();
  const [before, after] = [fakeWorkers(), fakeWorkers()];
  const bounds = { queueLimit: 10, maxWaitMs: 60_000, runLimitMs: 10_000 };
  const pool = new InferencePool({ workers: 2, ...bounds, startWorker: before.startWorker, clock });
  for (const worker of before.started) worker.becomeReady();
  const classify = (text: string) => pool.classify(Buffer.from(text), stays);
  return { pool, clock, old: before.started, fresh: after.started, startFresh: after.startWorker, classify };
}

test("workers change one after the other; each answer names the model that gave it", async () => {
  const { pool, old, fresh, startFresh, classify } = build();
  const reporting: number[] = [];
  pool.watch({ answered() {}, workerLost() {}, workerUsage: (worker) => reporting.push(worker) });
  const underWay = classify("a");
  const reloaded = pool.reload(startFresh);
  assert.equal(fresh.length, 1, "one worker more, not two");
  assert.equal(pool.readyWorkers, 2);
  fresh[0]!.becomeReady(newModel);
  await settle();
  assert.equal(old[0]!.isClosed, false, "its photo is not answered yet");
  assert.equal(fresh.length, 2);
  const between = classify("b");
  fresh[0]!.answer();
  assert.equal((await between).model.sha256, "cd");
  old[0]!.answer();
  assert.equal((await underWay).model.sha256, "ab");
  assert.deepEqual(reporting, [0], "what the old worker used is not the new one's");
  await settle();
  assert.equal(old[0]!.isClosed, true);
  fresh[1]!.becomeReady(newModel);
  assert.deepEqual(await reloaded, newModel);
  assert.deepEqual(pool.model, newModel);
  await settle();
  assert.equal(old[1]!.isClosed, true);
  assert.equal(old.length, 2);
});

test("a model that cannot be opened leaves the old one at work", async () => {
  const { pool, old, fresh, startFresh, classify } = build();
  const refused = assert.rejects(pool.reload(startFresh), { code: "MODEL_FILE_INVALID" });
  fresh[0]!.fail("MODEL_FILE_INVALID", { path: "new.onnx", problem: "it is a test" });
  await refused;
  assert.equal(fresh[0]!.isClosed, true);
  assert.equal(fresh.length, 1);
  assert.deepEqual([pool.readyWorkers, pool.model], [2, fakeModel]);
  const answered = classify("a");
  old[0]!.answer();
  assert.equal((await answered).model.sha256, "ab");
});

test("where a later worker cannot open it, the first goes back to the old model", async () => {
  const { pool, old, fresh, startFresh } = build();
  const refused = assert.rejects(pool.reload(startFresh), { code: "MODEL_FILE_INVALID" });
  fresh[0]!.becomeReady(newModel);
  await settle();
  fresh[1]!.fail("MODEL_FILE_INVALID", { path: "new.onnx", problem: "it is a test" });
  await settle();
  assert.equal(old.length, 3, "a worker of the old model starts");
  old[2]!.becomeReady();
  await refused;
  assert.deepEqual(pool.model, fakeModel);
  await settle();
  assert.equal(fresh[0]!.isClosed, true);
});

test("one reload at a time; a crash after it brings back the new model", async () => {
  const { pool, old, fresh, startFresh } = build();
  const first = pool.reload(startFresh);
  await assert.rejects(pool.reload(startFresh), { code: "SERVE_RELOADING" });
  fresh[0]!.becomeReady(newModel);
  await settle();
  fresh[1]!.becomeReady(newModel);
  await first;
  fresh[1]!.exit();
  await settle();
  assert.deepEqual([old.length, fresh.length], [2, 3]);
});

test("a worker that crashes under its last photo is not replaced twice; the photo gets its second try", async () => {
  const { pool, old, fresh, startFresh, classify } = build();
  const photo = classify("a");
  const reloaded = pool.reload(startFresh);
  fresh[0]!.becomeReady(newModel);
  await settle();
  old[0]!.exit();
  await settle();
  assert.equal(old.length, 2);
  fresh[0]!.answer();
  assert.equal((await photo).model.sha256, "cd");
  fresh[1]!.becomeReady(newModel);
  await reloaded;
});

test("stopping ends a reload whose worker never gets ready", async () => {
  const { pool, fresh, startFresh } = build();
  const refused = assert.rejects(pool.reload(startFresh), { code: "SERVE_NOT_READY" });
  await pool.stop(1000);
  await refused;
  assert.equal(fresh[0]!.isClosed, true);
});

test("a start that hangs is ended after a minute and tried again", async () => {
  const clock = new FakeClock();
  const { started, startWorker } = fakeWorkers();
  new InferencePool({ workers: 1, queueLimit: 1, maxWaitMs: 1000, runLimitMs: 1000, startWorker, clock });
  await clock.advance(59_999);
  assert.equal(started[0]!.isKilled, false);
  await clock.advance(1);
  assert.equal(started[0]!.isKilled, true);
  await clock.advance(200);
  assert.equal(started.length, 2);
});
