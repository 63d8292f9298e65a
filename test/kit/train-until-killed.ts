/** A process that trains until somebody kills it: prints a line when a chunk of features is on disk. */
import { readFile } from "node:fs/promises";
import type { Dataset } from "../../src/records/dataset.ts";
import { trainCandidate } from "../../src/train/index.ts";
import { countingProgress, smallCandidate } from "./train.ts";

const [datasetPath = "", outDir = "", featureDir = ""] = process.argv.slice(2);
const dataset = JSON.parse(await readFile(datasetPath, "utf8")) as Dataset;
const progress = countingProgress((label) => process.stdout.write(`${label}\n`));
await trainCandidate({ candidate: smallCandidate(), dataset, seed: 7, outDir, featureDir, threads: 1, progress });
