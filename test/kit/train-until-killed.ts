/** A process that starts to train, and when the first chunk of features is on disk says so and waits to be killed. */
import { writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Dataset } from "../../src/records/dataset.ts";
import { trainCandidate } from "../../src/train/index.ts";
import { countingProgress, smallCandidate } from "./train.ts";

const [datasetPath = "", outDir = "", featureDir = ""] = process.argv.slice(2);
const dataset = JSON.parse(await readFile(datasetPath, "utf8")) as Dataset;
const progress = countingProgress((label) => {
  writeSync(1, `${label}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
await trainCandidate({ candidate: smallCandidate(), dataset, seed: 7, outDir, featureDir, threads: 1, progress });
