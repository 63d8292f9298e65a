/**
 * A process that searches until it is killed: at the look at its clock that is asked for it says so and waits. Arguments:
 * a JSON file of options for tune, and the number of that look.
 */
import { writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { noProgress } from "../../src/base/progress.ts";
import { type TuneOptions, tune } from "../../src/tune/index.ts";
import { countingClock } from "./counting-clock.ts";

const [optionsPath = "", waitAt = ""] = process.argv.slice(2);
const options = JSON.parse(await readFile(optionsPath, "utf8")) as Omit<
  TuneOptions,
  "progress" | "signal" | "clock" | "cutAfter"
>;
const clock = countingClock((look) => {
  if (look !== Number(waitAt)) return;
  writeSync(1, "here\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
const { signal } = new AbortController();
await tune({ ...options, progress: noProgress, signal, cutAfter: () => signal, clock });
