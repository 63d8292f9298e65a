/**
 * Peak memory of training: bounded by batches, not by the data set.
 *
 *   node bench/training/memory.ts [--base mobilenetv2] [--images 64,256]
 *
 * For each number of photos a process of its own trains both phases of the original's recipe, fresh augmentation and a bank
 * of two versions, and tells its largest resident memory. Exits with 1 where the largest set takes over a tenth more.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BaseId } from "../../src/config/candidate.ts";
import { peakBytes, recipe, train, writePhotos } from "./ours.ts";

const { values } = parseArgs({
  options: {
    base: { type: "string", default: "mobilenetv2" },
    images: { type: "string", default: "64,256" },
    photos: { type: "string" },
    versions: { type: "string", default: "fresh" },
  },
});

if (values.photos) await trainOn(values.photos);
else {
  for (const versions of ["fresh", "2"]) {
    const peaks = values.images.split(",").map((images) => measure(Number(images), versions));
    if (peaks.at(-1)! > 1.1 * peaks[0]!) process.exitCode = 1;
  }
}

/** A process of its own makes the photos, one at a time, and trains. */
function measure(images: number, versions: string): number {
  const program = [import.meta.filename, "--base", values.base, "--photos", String(images), "--versions", versions];
  const [peak, dataBytes] = JSON.parse(execFileSync(process.execPath, program, { encoding: "utf8" })) as number[];
  const decoded = `their pixels as float32 would be ${megabytes(dataBytes!)}`;
  console.log(`${values.base}, ${versions}, ${images} photos (${decoded}): peak ${megabytes(peak!)}`);
  return peak!;
}

async function trainOn(count: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "fulcrum-bench-memory-"));
  try {
    const dataset = await writePhotos(join(scratch, "photos"), Number(count));
    const versions = values.versions === "fresh" ? null : Number(values.versions);
    await train(
      recipe(values.base as BaseId, { head: 2, fineTuning: 2 }, versions),
      dataset,
      scratch,
      availableParallelism(),
    );
    console.log(JSON.stringify([await peakBytes(), Number(count) * 224 * 224 * 3 * 4]));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
