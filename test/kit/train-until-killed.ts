/**
 * A process that trains until it is killed: it says which unit of work it is at, and when it comes to the one asked for
 * it waits to be killed. Arguments: a JSON file of options for trainCandidate, and after how many advances to wait.
 */
import { writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type TrainOptions, trainCandidate } from "../../src/train/index.ts";
import { countingProgress } from "./train.ts";

const [optionsPath = "", waitAfter = ""] = process.argv.slice(2);
const options = JSON.parse(await readFile(optionsPath, "utf8")) as Omit<TrainOptions, "progress">;
let advances = 0;
const progress = countingProgress((label) => {
  if (++advances < Number(waitAfter)) return;
  writeSync(1, `${label}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
await trainCandidate({ ...options, progress });
