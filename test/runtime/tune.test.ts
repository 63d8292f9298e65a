/** The search over real trainings of a tiny data set: it goes on where it was stopped, and chooses from full trainings. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { Rng } from "../../src/base/rng.ts";
import { tuning } from "../../src/config/tuning.ts";
import type { Trial } from "../../src/records/tuning.ts";
import { type TuneOptions, tune } from "../../src/tune/index.ts";
import { countingClock } from "../kit/counting-clock.ts";
import { killSearch } from "../kit/kill-training.ts";
import { smallCandidate, writeColourDataset } from "../kit/train.ts";

const scratch = await mkdtemp(join(tmpdir(), "fulcrum-tune-"));
after(() => rm(scratch, { recursive: true, force: true }));
const dataset = await writeColourDataset(join(scratch, "photos"), { training: 4, validation: 2 });

/** The budget is counted by the clock, however slow the machine is. */
const never = () => new AbortController().signal;

function optionsFor(dir: string, budget: string, more: Partial<TuneOptions> = {}): TuneOptions {
  return {
    dataset,
    choices: tuning.parse({ budget, bases: ["efficientnet-lite0"], sizes: [32], layers: [3] }),
    fixed: [smallCandidate({ name: "fixed" })],
    seed: 4,
    dir: join(scratch, dir),
    featureDir: join(scratch, "features"),
    threads: 2,
    progress: noProgress,
    signal: new AbortController().signal,
    clock: countingClock(),
    cutAfter: never,
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

test("killed -9 anywhere, also within the training of an arm, it goes on to the same trials", async () => {
  const tuned = { unfreeze: { layers: 3 }, fineTuning: { epochs: 2 } };
  const fixed = [smallCandidate({ name: "fixed" }), smallCandidate({ name: "tuned", ...tuned })];
  const clock = countingClock();
  const whole = await tune(optionsFor("kill-whole", "60s", { fixed, clock }));
  const rng = new Rng("where searches are killed");
  for (const attempt of [1, 2]) {
    const look = 1 + rng.int(clock.looks - 1);
    const {
      progress,
      signal,
      clock: _clock,
      cutAfter: _cutAfter,
      ...options
    } = optionsFor(`kill-${attempt}`, "60s", { fixed });
    assert.equal(await killSearch(options, look), "here", `look ${look} of ${clock.looks}`);
    const { tuning: resumed } = await tune({ ...options, progress, signal, cutAfter: never, clock: countingClock() });
    const common = Math.min(resumed.trials.length, whole.tuning.trials.length);
    assert.ok(common >= 2);
    assert.deepEqual(resumed.trials.slice(0, common).map(essence), whole.tuning.trials.slice(0, common).map(essence));
  }
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
  await assert.rejects(tune(optionsFor("nothing", "0.001s", { cutAfter: AbortSignal.timeout })), {
    code: "TUNE_NOTHING",
  });
});
