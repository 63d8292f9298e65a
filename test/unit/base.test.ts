/** Random numbers, hashes, errors: properties that other parts rely on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { sha256, sha256Value } from "../../src/base/hash.ts";
import { nearestHint } from "../../src/base/nearest.ts";
import { Rng } from "../../src/base/rng.ts";
import { FulcrumError } from "../../src/errors/index.ts";

test("one seed gives one stream; forks are independent of use", () => {
  const draw = (rng: Rng) => Array.from({ length: 5 }, () => rng.uint32());
  assert.deepEqual(draw(new Rng(7)), draw(new Rng(7)));
  const used = new Rng(7);
  used.float();
  assert.deepEqual(draw(used.fork("a")), draw(new Rng(7).fork("a")));
  assert.notDeepEqual(draw(new Rng(7).fork("a")), draw(new Rng(7).fork("b")));
});

test("uniform and normal numbers have their moments", () => {
  const rng = new Rng("moments");
  const n = 50_000;
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const uniform = Array.from({ length: n }, () => rng.float());
  const normal = Array.from({ length: n }, () => rng.normal());
  // Six standard errors: 6 * sqrt(1/12/n), 6 / sqrt(n), 6 * sqrt(2/n).
  assert.ok(Math.abs(mean(uniform) - 0.5) < 0.0078);
  assert.ok(uniform.every((x) => x >= 0 && x < 1));
  assert.ok(Math.abs(mean(normal)) < 0.027);
  assert.ok(Math.abs(mean(normal.map((x) => x * x)) - 1) < 0.038);
});

test("a shuffle keeps every item", () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const shuffled = new Rng(1).shuffle(items);
  assert.notDeepEqual(shuffled, items);
  assert.deepEqual(
    [...shuffled].sort((a, b) => a - b),
    items,
  );
});

test("SHA-256 of abc is that of FIPS 180-2; a value's hash ignores the order of keys", () => {
  assert.equal(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(sha256Value({ a: 1, b: { c: 2, d: 3 } }), sha256Value({ b: { d: 3, c: 2 }, a: 1 }));
  assert.notEqual(sha256Value({ a: 1 }), sha256Value({ a: 2 }));
});

test("the nearest name is offered only when it is near", () => {
  assert.equal(nearestHint("tarin", ["train", "serve"]), " Did you mean train?");
  assert.equal(nearestHint("xyzzy", ["train", "serve"]), "");
});

test("an error carries code, message, exit code and status", () => {
  const error = new FulcrumError("CLI_BAD_VALUE", { flag: "--seed", value: "x", allowed: "a number" });
  assert.equal(error.message, "--seed got x; allowed: a number.");
  assert.deepEqual([error.code, error.exitCode, error.httpStatus], ["CLI_BAD_VALUE", 2, 500]);
});

test("the system's clock sleeps, and wakes at once with the reason where it is told to stop", async () => {
  const startMs = systemClock.nowMs();
  await systemClock.sleep(5);
  assert.ok(systemClock.nowMs() - startMs >= 4);
  const stop = new AbortController();
  const asleep = systemClock.sleep(60_000, stop.signal);
  stop.abort("enough");
  await assert.rejects(
    asleep.catch((reason) => Promise.reject(new Error(String(reason)))),
    /enough/,
  );
  await assert.rejects(
    systemClock.sleep(60_000, stop.signal).catch((reason) => Promise.reject(new Error(String(reason)))),
    /enough/,
  );
});
