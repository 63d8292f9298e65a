/**
 * What decoding large photos at a reduced size does to predictions: every evaluation photo, enlarged to a 12-megapixel JPEG,
 * is classified after full decoding and as the model's preprocessing has it served.
 *
 * Command: node bench/serve/twelve-megapixels.ts MODEL DATA [--every 1] [--margins 1,1.5,2,3]
 *   MODEL is a model file that `fulcrum train` wrote, DATA a folder with evaluation/CLASS/*.jpg (../shared/data/food10).
 *   A margin of 2 means that the short side keeps at least twice the pixels that the model needs.
 * Floor: at the model's own margin top-1 agrees with full decoding on 99 % of the photos. Exit code 1 where it does not.
 */
import { glob } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import sharp from "sharp";
import { readBytes } from "../../src/base/files.ts";
import { describeMachine } from "../../src/base/machine.ts";
import { mcnemarExact, wilsonInterval } from "../../src/evaluate/index.ts";
import { decodePhoto } from "../../src/images/index.ts";
import { openClassifier } from "../../src/predict/index.ts";

const longSide = 4032;
const shortSide = 3024;
const quality = 90;
const leastAgreement = 0.99;

interface Task {
  readonly model: string;
  readonly dir: string;
  readonly paths: readonly string[];
  readonly margins: readonly number[];
}

/** Of one photo: the class index and decoding time, in full first, then for each margin. */
interface Outcome {
  readonly path: string;
  readonly predicted: readonly number[];
  readonly decodeMs: readonly number[];
}

async function classifyAll({ model, dir, paths, margins }: Task): Promise<Outcome[]> {
  const classifier = await openClassifier(model, { threads: 1 });
  const needed = Math.max(...classifier.metadata.preprocessing.map((input) => input.shortSide));
  const outcomes: Outcome[] = [];
  for (const path of paths) {
    const photo = await enlarged(join(dir, path));
    const predicted: number[] = [];
    const decodeMs: number[] = [];
    for (const leastShortSide of [undefined, ...margins.map((margin) => margin * needed)]) {
      const startMs = performance.now();
      const pixels = await decodePhoto(photo, path, { leastShortSide });
      decodeMs.push(performance.now() - startMs);
      predicted.push((await classifier.classifyPixels([pixels]))[0]!.classIndex);
    }
    outcomes.push({ path, predicted, decodeMs });
  }
  await classifier.dispose();
  return outcomes;
}

/** About twelve megapixels, in the photo's own proportions, as a camera's JPEG. */
async function enlarged(path: string): Promise<Buffer> {
  const photo = sharp(await readBytes(path));
  const { width, height } = await photo.metadata();
  const scale = Math.sqrt((longSide * shortSide) / (width * height));
  const [toWidth, toHeight] = [Math.round(width * scale), Math.round(height * scale)];
  return photo.resize(toWidth, toHeight, { fit: "fill" }).jpeg({ quality }).toBuffer();
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { every: { type: "string", default: "1" }, margins: { type: "string", default: "1,1.5,2,3" } },
  });
  const [model, data] = positionals;
  if (model === undefined || data === undefined) throw new Error("Usage: twelve-megapixels.ts MODEL DATA");
  const dir = join(data, "evaluation");
  const margins = values.margins.split(",").map(Number);
  const all: string[] = [];
  for await (const path of glob("*/*.jpg", { cwd: dir })) all.push(path);
  const paths = all.sort().filter((_, i) => i % Number(values.every) === 0);
  const outcomes = (
    await Promise.all(shares(paths).map((share) => inThread({ model, dir, paths: share, margins })))
  ).flat();
  const classifier = await openClassifier(model, { threads: 1 });
  const { classes, preprocessing } = classifier.metadata;
  await classifier.dispose();
  const own = Math.min(...preprocessing.map(({ shrinkMargin }) => shrinkMargin ?? Number.POSITIVE_INFINITY));
  return report(outcomes, margins, classes, own);
}

function shares(paths: readonly string[]): string[][] {
  const count = availableParallelism();
  return Array.from({ length: count }, (_, share) => paths.filter((_path, i) => i % count === share));
}

function inThread(task: Task): Promise<Outcome[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome[]>();
  const thread = new Worker(new URL("./twelve-megapixels-thread.ts", import.meta.url), { workerData: task });
  thread.once("message", resolve);
  thread.once("error", reject);
  return promise;
}

/** Prints a line a margin; 1 where the model's own margin misses the floor. */
function report(
  outcomes: readonly Outcome[],
  margins: readonly number[],
  classes: readonly string[],
  own: number,
): number {
  const { cpuModel, cpuCount, node } = describeMachine();
  print(`${cpuCount} cores of ${cpuModel}, Node ${node}; ${outcomes.length} photos enlarged to 12 megapixels`);
  let code = 0;
  const isRight =
    (place: number) =>
    ({ path, predicted }: Outcome) =>
      classes[predicted[place]!] === path.split("/")[0];
  print(
    `in full: accuracy ${share(outcomes.filter(isRight(0)).length, outcomes.length)}, decoding ${meanMs(outcomes, 0)} ms`,
  );
  for (const [i, margin] of margins.entries()) {
    const place = i + 1;
    const same = outcomes.filter(({ predicted }) => predicted[place] === predicted[0]).length;
    const right = outcomes.filter(isRight(place));
    const onlyFull = outcomes.filter((one) => isRight(0)(one) && !isRight(place)(one)).length;
    const onlyReduced = outcomes.filter((one) => !isRight(0)(one) && isRight(place)(one)).length;
    print(
      `margin ${margin}: agreement ${share(same, outcomes.length)}, accuracy ${share(right.length, outcomes.length)}, ` +
        `McNemar ${onlyFull} against ${onlyReduced}, p ${mcnemarExact(onlyFull, onlyReduced).toFixed(3)}, ` +
        `decoding ${meanMs(outcomes, place)} ms`,
    );
    if (margin !== own) continue;
    const isReached = same / outcomes.length >= leastAgreement;
    print(`the model's own margin is ${own}; floor ${100 * leastAgreement} %: ${isReached ? "reached" : "MISSED"}`);
    if (!isReached) code = 1;
  }
  return code;
}

function share(count: number, total: number): string {
  const { low, high } = wilsonInterval(count, total);
  return `${((100 * count) / total).toFixed(2)} % (95 % ${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)})`;
}

function meanMs(outcomes: readonly Outcome[], place: number): string {
  return (outcomes.reduce((sum, { decodeMs }) => sum + decodeMs[place]!, 0) / outcomes.length).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export { classifyAll, type Task };

if (import.meta.main) process.exitCode = await main();
