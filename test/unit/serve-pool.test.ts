/** The bounded queue and its workers, with workers and time in the test's hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFulcrumError } from "../../src/errors/index.ts";
import { InferencePool } from "../../src/serve/pool.ts";
import { FakeClock, settle } from "../kit/fake-clock.ts";
import { fakeUsage, fakeWorkers } from "../kit/serve.ts";

const stays = new AbortController().signal;
const photo = (text: string) => Buffer.from(text);

function build(options: { workers?: number; queueLimit?: number; maxWaitMs?: number } = {}) {
  const { workers = 1, queueLimit = 1, maxWaitMs = 60_000 } = options;
  const clock = new FakeClock();
  const { started, startWorker } = fakeWorkers();
  const pool = new InferencePool({ workers, queueLimit, maxWaitMs, runLimitMs: 10_000, startWorker, clock });
  const losses: string[] = [];
  pool.watch({
    answered() {},
    workerUsage() {},
    workerLost: (worker, problem) => losses.push(`${worker}: ${problem}`),
  });
  return { pool, clock, started, losses };
}

test("a photo waits for the worker to be ready, then is answered with its waiting time", async () => {
  const { pool, clock, started } = build();
  const answered = pool.classify(photo("a"), stays);
  assert.equal(pool.waiting, 1);
  assert.equal(pool.readyWorkers, 0);
  await clock.advance(30);
  started[0]!.becomeReady();
  assert.deepEqual(started[0]!.photos.map(String), ["a"]);
  started[0]!.answer([0.25, 0.75, 0]);
  const answer = await answered;
  assert.deepEqual([...answer.probabilities], [0.25, 0.75, 0]);
  assert.deepEqual([answer.queueMs, answer.decodeMs, answer.inferenceMs], [30, 2, 6]);
});

test("each worker has one photo at a time; the next goes to the first that is free", async () => {
  const { pool, started } = build({ workers: 2, queueLimit: 4 });
  for (const worker of started) worker.becomeReady();
  const all = Promise.all(["a", "b", "c", "d"].map((text) => pool.classify(photo(text), stays)));
  assert.deepEqual(
    started.map(({ photos }) => photos.map(String)),
    [["a"], ["b"]],
  );
  started[1]!.answer();
  await settle();
  assert.deepEqual(
    started.map(({ photos }) => photos.map(String)),
    [["a"], ["b", "c"]],
  );
  started[0]!.answer();
  await settle();
  started[0]!.answer();
  started[1]!.answer();
  assert.equal((await all).length, 4);
});

test("a photo that nobody else is beside is told to the first worker; with company none is", async () => {
  const { pool, started } = build({ workers: 2, queueLimit: 4 });
  for (const worker of started) worker.becomeReady();
  const alone = pool.classify(photo("a"), stays);
  started[0]!.answer();
  await alone;
  const first = pool.classify(photo("b"), stays);
  const second = pool.classify(photo("c"), stays);
  const third = pool.classify(photo("d"), stays);
  for (const worker of started) worker.answer();
  await settle();
  started[0]!.answer();
  await Promise.all([first, second, third]);
  assert.deepEqual(
    started.map(({ lone }) => lone),
    [[true, true, false], [false]],
  );
});

test("over the bound a photo is refused with the time to come back", async () => {
  const { pool, clock, started } = build({ queueLimit: 3 });
  started[0]!.becomeReady();
  const first = pool.classify(photo("a"), stays);
  await clock.advance(2000);
  started[0]!.answer();
  await first;
  const waiting = ["b", "c", "d", "e"].map((text) => pool.classify(photo(text), stays));
  // Three wait behind one, 2 s each.
  await assert.rejects(pool.classify(photo("f"), stays), (error) => {
    assert.ok(isFulcrumError(error, "SERVE_OVERLOADED"));
    assert.deepEqual(error.context, { waiting: 3, seconds: 6 });
    return true;
  });
  assert.throws(() => pool.checkRoom(), { code: "SERVE_OVERLOADED" });
  for (let i = 0; i < 4; i++) {
    started[0]!.answer();
    await settle();
  }
  await Promise.all(waiting);
  pool.checkRoom();
});

test("a request of several photos fits where the queue and all free workers take it", async () => {
  const { pool, started } = build({ workers: 3, queueLimit: 2 });
  for (let worker = 0; worker < 3; worker++) started[worker]!.becomeReady();
  pool.checkRoom(5);
  assert.throws(() => pool.checkRoom(6), { code: "SERVE_OVERLOADED" });
});

test("a bad photo is its own client's problem, the worker goes on", async () => {
  const { pool, started, losses } = build();
  started[0]!.becomeReady();
  const bad = pool.classify(photo("bad"), stays);
  started[0]!.fail("IMAGE_UNREADABLE", { name: "The upload", problem: "it is text" });
  await assert.rejects(bad, { code: "IMAGE_UNREADABLE", message: /it is text/ });
  const good = pool.classify(photo("good"), stays);
  started[0]!.answer();
  await good;
  assert.deepEqual(losses, []);
});

test("a crashed worker is replaced and its photo tried once more, before those that wait", async () => {
  const { pool, started, losses } = build({ queueLimit: 5 });
  started[0]!.becomeReady();
  const first = pool.classify(photo("first"), stays);
  const second = pool.classify(photo("second"), stays);
  started[0]!.exit("ended by SIGSEGV");
  await settle();
  assert.equal(started.length, 2);
  assert.equal(pool.readyWorkers, 0);
  started[1]!.becomeReady();
  started[1]!.answer([0.1, 0.2, 0.7]);
  assert.equal((await first).probabilities[2], Math.fround(0.7));
  assert.deepEqual(started[1]!.photos.map(String), ["first", "second"]);
  started[1]!.answer();
  await second;
  assert.deepEqual(losses, ["0: ended by SIGSEGV"]);
});

test("a photo that kills two workers gets a 503, not a third", async () => {
  const { pool, started } = build();
  started[0]!.becomeReady();
  const poison = pool.classify(photo("poison"), stays);
  const refused = assert.rejects(poison, { code: "SERVE_WORKER_LOST", httpStatus: 503 });
  started[0]!.exit();
  await settle();
  started[1]!.becomeReady();
  started[1]!.exit();
  await refused;
  started[2]!.becomeReady();
  assert.deepEqual(started[2]!.photos, []);
});

test("a run over the limit ends its worker; the client hears at once", async () => {
  const { pool, clock, started } = build();
  started[0]!.becomeReady();
  const hung = assert.rejects(pool.classify(photo("hang"), stays), { code: "SERVE_WORKER_HUNG", httpStatus: 503 });
  await clock.advance(9_999);
  assert.equal(started[0]!.isKilled, false);
  await clock.advance(1);
  await hung;
  assert.equal(started[0]!.isKilled, true);
  await settle();
  assert.equal(started.length, 2);
  started[1]!.becomeReady();
  const next = pool.classify(photo("next"), stays);
  started[1]!.answer();
  await next;
  assert.equal(clock.sleeping, 0, "no watch is left behind");
});

test("a worker that cannot open the model is not replaced; what waits is refused", async () => {
  const { pool, started } = build();
  const waiting = assert.rejects(pool.classify(photo("a"), stays), { code: "SERVE_NOT_READY" });
  started[0]!.fail("MODEL_FILE_INVALID", { path: "m.onnx", problem: "it is a test" });
  assert.equal((await pool.failure).code, "MODEL_FILE_INVALID");
  await waiting;
  await settle();
  assert.equal(started.length, 1);
});

test("starts that fail are repeated after 200, 400 and 800 ms, then given up", async () => {
  const { pool, clock, started } = build();
  for (const [failures, waitMs] of [200, 400, 800].entries()) {
    started[failures]!.exit("exit code 1");
    await clock.advance(waitMs - 1);
    assert.equal(started.length, failures + 1);
    await clock.advance(1);
    assert.equal(started.length, failures + 2);
  }
  started[3]!.exit("exit code 1");
  const failure = await pool.failure;
  assert.equal(failure.code, "SERVE_CANNOT_START");
  await pool.stop(0);
});

test("a client that left frees its place in the queue", async () => {
  const { pool, started } = build({ queueLimit: 1 });
  started[0]!.becomeReady();
  const running = pool.classify(photo("running"), stays);
  const left = new AbortController();
  const waiting = assert.rejects(pool.classify(photo("left"), left.signal), { name: "AbortError" });
  left.abort();
  await waiting;
  assert.equal(pool.waiting, 0);
  started[0]!.answer();
  await running;
  assert.deepEqual(started[0]!.photos.map(String), ["running"]);
});

test("stopping refuses what waits and lets the run under way end", async () => {
  const { pool, started } = build();
  started[0]!.becomeReady();
  const running = assert.rejects(pool.classify(photo("a"), stays), { code: "SERVE_WORKER_LOST" });
  const waiting = assert.rejects(pool.classify(photo("b"), stays), { code: "SERVE_NOT_READY" });
  await pool.stop(1000);
  await Promise.all([running, waiting]);
  assert.equal(started[0]!.isClosed, true);
  await assert.rejects(pool.classify(photo("c"), stays), { code: "SERVE_NOT_READY" });
});

test("the worker's usage is passed on", async () => {
  const { pool, started } = build();
  const usages: unknown[] = [];
  pool.watch({ answered() {}, workerLost() {}, workerUsage: (worker, usage) => usages.push([worker, usage]) });
  started[0]!.becomeReady();
  const answered = pool.classify(photo("a"), stays);
  started[0]!.answer();
  await answered;
  assert.deepEqual(usages, [[0, fakeUsage]]);
});

test("a photo that would wait too long is refused early, and readiness comes back below half of the bound", async () => {
  const { pool, clock, started } = build({ queueLimit: 100, maxWaitMs: 5000 });
  started[0]!.becomeReady();
  const first = pool.classify(photo("a"), stays);
  await clock.advance(2000);
  started[0]!.answer();
  await first;
  // One runs; behind it wait 2 s each.
  const waiting = ["b", "c", "d", "e"].map((text) => pool.classify(photo(text), stays));
  assert.equal(pool.isOverloaded, false);
  await assert.rejects(pool.classify(photo("f"), stays), {
    code: "SERVE_OVERLOADED",
    context: { waiting: 3, seconds: 6 },
  });
  assert.equal(pool.isOverloaded, true);
  for (const stillOverloaded of [true, false]) {
    started[0]!.answer();
    await settle();
    assert.equal(pool.isOverloaded, stillOverloaded);
  }
  for (let i = 0; i < 2; i++) {
    started[0]!.answer();
    await settle();
  }
  await Promise.all(waiting);
});
