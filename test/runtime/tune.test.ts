/** The search over real trainings of a tiny data set: it goes on where it was stopped, and chooses from full trainings. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Clock } from "../../src/base/clock.ts";
import { noProgress } from "../../src/base/progress.ts";
import { tuning } from "../../src/config/tuning.ts";
import type { Trial } from "../../src/records/tuning.ts";
import { type TuneOptions, tune } from "../../src/tune/index.ts";
import { smallCandidate, writeColourDataset } from "../kit/train.ts";

const scratch = await mkdtemp(join(tmpdir(), "fulcrum-tune-"));
after(() => rm(scratch, { recursive: true, force: true }));
const dataset = await writeColourDataset(join(scratch, "photos"), { training: 4, validation: 2 });

/** Each look at it takes a second, so that the budget ends after the same trial on every machine. */
function countingClock(): Clock {
  let nowMs = 0;
  return {
    epochMs: () => 0,
    nowMs: () => {
      nowMs += 1000;
      return nowMs;
    },
    sleep: async () => {},
  };
}

function optionsFor(dir: string, budget: string, more: Partial<TuneOptions> = {}): TuneOptions {
  return {
    dataset,
    choices: tuning.parse({ budget, bases: ["efficientnet-lite0"], sizes: [32] }),
    fixed: [smallCandidate({ name: "fixed" })],
    seed: 4,
    dir: join(scratch, dir),
    featureDir: join(scratch, "features"),
    threads: 2,
    progress: noProgress,
    signal: new AbortController().signal,
    clock: countingClock(),
    ...more,
  };
}

const essence = ({ arm, rung, candidate, result }: Trial) => ({
  arm,
  rung,
  candidate,
  accuracy: result?.validationAccuracy,
  loss: result?.validationLoss,
});

test("a search that was stopped goes on and ends with the trials of an undisturbed one", async () => {
  const whole = await tune(optionsFor("whole", "60s"));
  assert.ok(whole.tuning.trials.length >= 2, `${whole.tuning.trials.length} trials`);
  assert.deepEqual(whole.tuning.trials.map(({ arm }) => arm).slice(0, 2), [0, 1]);

  const stop = new AbortController();
  const progress = { ...noProgress, note: () => stop.abort() };
  await assert.rejects(tune(optionsFor("stopped", "60s", { progress, signal: stop.signal })), { name: "AbortError" });
  const { tuning: resumed } = await tune(optionsFor("stopped", "60s"));
  const common = Math.min(resumed.trials.length, whole.tuning.trials.length);
  assert.ok(common >= 2);
  assert.deepEqual(resumed.trials.slice(0, common).map(essence), whole.tuning.trials.slice(0, common).map(essence));
});

test("the chosen models come from the front of full trainings", async () => {
  const { front, accuracy, latency } = await tune(optionsFor("whole", "60s"));
  assert.ok(front.includes(accuracy) && front.includes(latency));
  assert.ok(latency.latencyMs <= accuracy.latencyMs);
});

test("a record of another search, or a broken one, is not gone on with", async () => {
  const path = join(scratch, "whole", "record.json");
  const other = await tune(optionsFor("whole", "20s", { seed: 5 }));
  assert.equal(other.tuning.trials[0]!.arm, 0);
  await writeFile(path, (await readFile(path, "utf8")).slice(0, 100));
  const again = await tune(optionsFor("whole", "20s", { seed: 5 }));
  assert.deepEqual(again.tuning.trials.map(essence), other.tuning.trials.map(essence));
});

test("a budget in which nothing was trained in full is an error that says how to go on", async () => {
  await assert.rejects(tune(optionsFor("nothing", "0.001s")), { code: "TUNE_NOTHING" });
});
