/** The closed and the open loop against a server whose answers are a closed form, on a clock that a test moves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { driveClosedLoop } from "../../src/load/closed-loop.ts";
import type { Hit } from "../../src/load/hit.ts";
import { driveOpenLoop } from "../../src/load/open-loop.ts";
import { siegePauseSeconds } from "../../src/load/pacing.ts";
import { LoadTally } from "../../src/load/summary.ts";
import { FakeClock, settle } from "../kit/fake-clock.ts";
import { type FakeAttacker, fakeAttacker } from "../kit/load.ts";

interface ClosedCase {
  readonly users: number;
  readonly delaySeconds?: number;
  readonly durationSeconds: number;
  readonly serviceMs: number;
  readonly failureLimit?: number;
  readonly status?: () => number;
}

function startClosed(made: ClosedCase) {
  const clock = new FakeClock();
  const hits: Hit[] = [];
  const stopping = new AbortController();
  const { users, delaySeconds = 0, durationSeconds } = made;
  const outcome = driveClosedLoop({
    run: { kind: "closed", users, delaySeconds, durationSeconds },
    attacker: fakeAttacker(clock, () => made.serviceMs, made.status),
    clock,
    signal: stopping.signal,
    record: (hit) => hits.push(hit),
    rng: new Rng(7),
    failureLimit: made.failureLimit ?? 1024,
  });
  return { clock, hits, outcome, stopping };
}

test("closed loop: all users start at once, wait for the answer, and what is in flight at the end is cut off", async () => {
  const { clock, hits, outcome } = startClosed({ users: 3, durationSeconds: 1, serviceMs: 300 });
  await clock.advance(1000);
  assert.deepEqual(await outcome, { elapsedSeconds: 1, ending: "time" });
  const sent = hits.map((hit) => hit.sentMs).sort((a, b) => a! - b!);
  assert.deepEqual(sent, [0, 0, 0, 300, 300, 300, 600, 600, 600, 900, 900, 900]);
  assert.equal(hits.filter((hit) => hit.error === "cut-off").length, 3);

  const tally = new LoadTally(false);
  for (const hit of hits) tally.add(hit);
  const { summary, cutOff } = tally.close(1);
  assert.equal(cutOff, 3);
  assert.equal(summary.transactions, 9);
  assert.equal(summary.transactionRatePerSecond, 9);
  assert.equal(summary.concurrency, 2.7); // 9 answers of 0.3 s in 1 s
  assert.equal(summary.responseMs!.mean, 300);
});

test("closed loop: a user pauses siege's whole seconds after each request, by a stream of its own", async () => {
  const { clock, hits, outcome } = startClosed({ users: 2, delaySeconds: 10, durationSeconds: 60, serviceMs: 200 });
  await clock.advance(60_000);
  await outcome;
  for (const user of [0, 1]) {
    const rng = new Rng(7).fork(user);
    let dueMs = 0;
    for (const hit of hits.filter((made) => made.user === user && made.error === null)) {
      assert.equal(hit.scheduledMs, dueMs);
      assert.equal(hit.sentMs, dueMs);
      dueMs = hit.finishedMs + 1000 * siegePauseSeconds(10, rng.float());
    }
    assert.ok(dueMs > 50_000, "the user went on to the end");
  }
});

test("closed loop: the limit of failures ends the run early, as siege's 1024 does", async () => {
  const made = { users: 2, durationSeconds: 60, serviceMs: 100, failureLimit: 5, status: () => 503 };
  const { clock, hits, outcome } = startClosed(made);
  await clock.advance(1000);
  assert.deepEqual(await outcome, { elapsedSeconds: 0.3, ending: "failures" });
  assert.equal(hits.filter((hit) => hit.status === 503).length, 5);
  assert.equal(hits.filter((hit) => hit.error === "cut-off").length, 1);
});

test("closed loop: stopped by its caller, it ends at once", async () => {
  const { clock, hits, outcome, stopping } = startClosed({ users: 1, durationSeconds: 60, serviceMs: 400 });
  await clock.advance(1000);
  stopping.abort();
  assert.deepEqual(await outcome, { elapsedSeconds: 1, ending: "stopped" });
  assert.deepEqual(
    hits.map(({ sentMs, error }) => [sentMs, error]),
    [
      [0, null],
      [400, null],
      [800, "cut-off"],
    ],
  );
});

interface OpenCase {
  readonly ratePerSecond: number;
  readonly durationSeconds: number;
  readonly serviceMs: number;
  readonly maxInFlight?: number;
  readonly drainMs?: number;
}

function startOpen(made: OpenCase) {
  const clock = new FakeClock();
  const hits: Hit[] = [];
  const stopping = new AbortController();
  const attacker: FakeAttacker = fakeAttacker(clock, () => made.serviceMs);
  const { ratePerSecond, durationSeconds, maxInFlight = 1000, drainMs = 30_000 } = made;
  const run = { kind: "open" as const, ratePerSecond, durationSeconds };
  const record = (hit: Hit) => hits.push(hit);
  const outcome = driveOpenLoop({ run, attacker, clock, signal: stopping.signal, record, maxInFlight, drainMs });
  return { clock, hits, outcome, attacker, stopping };
}

test("open loop: requests start on schedule whether or not answers come", async () => {
  const { clock, hits, outcome, attacker } = startOpen({ ratePerSecond: 20, durationSeconds: 1, serviceMs: 500 });
  await clock.advance(2000);
  assert.deepEqual(await outcome, { elapsedSeconds: 1.45, ending: "time" }); // the last, due at 950, takes 500
  assert.deepEqual(
    hits.map((hit) => hit.sentMs),
    Array.from({ length: 20 }, (_, i) => i * 50),
  );
  // 500 ms of requests 50 ms apart; one is sent in the same millisecond in which another ends
  assert.ok(attacker.mostInFlight === 10 || attacker.mostInFlight === 11);
});

test("open loop: a saturated server shows in the latency from the schedule, not in the one from sending", async () => {
  // One request in flight, 100 ms each, one due every 50 ms: request i is sent at 100 i, due at 50 i.
  const made = startOpen({ ratePerSecond: 20, durationSeconds: 1, serviceMs: 100, maxInFlight: 1 });
  await made.clock.advance(3000);
  assert.deepEqual(await made.outcome, { elapsedSeconds: 2, ending: "time" });
  const tally = new LoadTally(true);
  for (const hit of made.hits) tally.add(hit);
  const { summary } = tally.close(2);
  assert.equal(made.attacker.mostInFlight, 1);
  assert.equal(summary.transactions, 20);
  assert.equal(summary.responseMs!.mean, 100);
  assert.equal(summary.scheduledMs!.mean, 100 + 50 * 9.5); // 100 (i + 1) - 50 i, i = 0 ... 19
  assert.equal(summary.scheduledMs!.max, 100 + 50 * 19);
});

test("open loop: what never found room until the end has failed, and is recorded", async () => {
  const made = startOpen({ ratePerSecond: 20, durationSeconds: 1, serviceMs: 100, maxInFlight: 1, drainMs: 450 });
  await made.clock.advance(3000);
  assert.deepEqual(await made.outcome, { elapsedSeconds: 1.45, ending: "time" });
  const count = (error: string | null) => made.hits.filter((hit) => hit.error === error).length;
  assert.deepEqual([count(null), count("timeout"), count("unsent")], [14, 1, 5]);
  assert.deepEqual(
    made.hits.map((hit) => hit.index).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i),
  );
});

test("open loop: stopped by its caller, due requests are cut off and later ones never were", async () => {
  const made = startOpen({ ratePerSecond: 10, durationSeconds: 10, serviceMs: 250 });
  await made.clock.advance(1020);
  made.stopping.abort();
  await settle();
  assert.equal((await made.outcome).ending, "stopped");
  assert.equal(made.hits.length, 11);
  assert.equal(made.hits.filter((hit) => hit.error === "cut-off").length, 3); // due at 800, 900 and 1000
});
