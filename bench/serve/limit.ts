/**
 * What fulcrum's own parts reach without HTTP: photos a second of a loop that decodes, resizes and infers, in a process a
 * core. Started by run.ts: `node bench/serve/limit.ts MODEL PHOTO SECONDS` prints the rate of one process.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { cacheDir } from "../../src/config/paths.ts";
import { openClassifier } from "../../src/predict/index.ts";

const execute = promisify(execFile);
const warmUpSeconds = 1;

/** Photos a second of `processes` such loops at once. */
export async function limitRate(model: string, photo: string, seconds: number, processes: number): Promise<number> {
  const args = [import.meta.filename, model, photo, String(seconds)];
  const runs = await Promise.all(Array.from({ length: processes }, () => execute(process.execPath, args)));
  return runs.reduce((sum, { stdout }) => sum + Number(stdout), 0);
}

if (import.meta.main) {
  const [model, photoPath, seconds] = process.argv.slice(2) as [string, string, string];
  const photo = readFileSync(photoPath);
  const classifier = await openClassifier(model, { threads: 1, preparedDir: join(cacheDir, "prepared") });
  const loop = async (durationMs: number) => {
    const startMs = performance.now();
    let count = 0;
    while (performance.now() - startMs < durationMs) {
      await classifier.classifyNext(await classifier.decodeNext(photo, "photo"));
      count++;
    }
    return (count * 1000) / (performance.now() - startMs);
  };
  await loop(warmUpSeconds * 1000);
  process.stdout.write(String(await loop(Number(seconds) * 1000)));
}
