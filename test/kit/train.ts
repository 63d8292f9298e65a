/** A small data set of coloured noise that a base tells apart, and training on it with few pixels. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "../../src/base/hash.ts";
import type { Progress } from "../../src/base/progress.ts";
import { Rng } from "../../src/base/rng.ts";
import { type Candidate, candidate } from "../../src/config/candidate.ts";
import { encodePng } from "../../src/images/index.ts";
import type { Dataset, Photo } from "../../src/records/dataset.ts";

const side = 40;
const colours = [
  { name: "red", rgb: [200, 40, 40] },
  { name: "blue", rgb: [40, 60, 200] },
] as const;

/** Writes `training` and `validation` photos a class below `dir`. */
export async function writeColourDataset(
  dir: string,
  { training, validation }: { training: number; validation: number },
): Promise<Dataset> {
  const rng = new Rng("colour photos");
  const split = async (name: string, count: number): Promise<Photo[]> => {
    const photos: Photo[] = [];
    for (const [label, colour] of colours.entries()) {
      for (let i = 0; i < count; i++) {
        const bytes = await noisyPhoto(colour.rgb, rng);
        const path = `${name}/${colour.name}/${String(i).padStart(3, "0")}.png`;
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), bytes);
        photos.push({ path, label, sha256: sha256(bytes), width: side, height: side });
      }
    }
    return photos;
  };
  return {
    dir,
    layout: "folders",
    synthetic: true,
    classes: colours.map(({ name }) => name),
    splits: {
      training: await split("training", training),
      validation: await split("validation", validation),
      evaluation: [],
    },
    splitOrigin: "given",
    unreadable: [],
    duplicatesAcrossSplits: [],
  };
}

function noisyPhoto(rgb: readonly number[], rng: Rng): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => rgb[i % 3]! + rng.int(50) - 25);
  return encodePng({ width: side, height: side, data });
}

/** A candidate that trains in a second: inputs of 32 pixels. */
export function smallCandidate(choices: Record<string, unknown> = {}): Candidate {
  return candidate.parse({
    name: "small",
    bases: ["efficientnet-lite0"],
    preprocessing: { size: 32 },
    head: { epochs: 5 },
    ...choices,
  });
}

/** Progress that keeps how many units each task had to do, and tells every advance. */
export function countingProgress(
  onAdvance: (label: string) => void = () => {},
): Progress & { totals: Map<string, number> } {
  const totals = new Map<string, number>();
  return {
    totals,
    task(label, total) {
      totals.set(label, total);
      return { advance: () => onAdvance(label), finish() {} };
    },
    note() {},
  };
}
