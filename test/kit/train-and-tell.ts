/**
 * A process that trains and says how it ended: the error's code, or "ended". Argument: a JSON file of options for
 * trainCandidate.
 */
import { readFile } from "node:fs/promises";
import { noProgress } from "../../src/base/progress.ts";
import { FulcrumError } from "../../src/errors/index.ts";
import { type TrainOptions, trainCandidate } from "../../src/train/index.ts";

const options = JSON.parse(await readFile(process.argv[2] ?? "", "utf8")) as Omit<TrainOptions, "progress">;
try {
  await trainCandidate({ ...options, progress: noProgress });
  console.log("ended");
} catch (error) {
  if (!(error instanceof FulcrumError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
