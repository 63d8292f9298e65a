/** Seeded, stratified splits for folders that have none. Pure. */
import type { Rng } from "../base/rng.ts";
import { FulcrumError } from "../errors/index.ts";
import type { SplitName } from "../records/dataset.ts";

export interface Splittable {
  readonly label: number;
  readonly sha256: string;
}

/** Shares of each class, 0..1; 0 draws nothing for that split. */
export interface SplitShares {
  readonly validation: number;
  readonly evaluation: number;
}

/**
 * The split of each photo. Every class is divided by the same shares, and each split with a share above 0 gets one
 * photo at least. Byte-identical photos count once and stay together, so that none is both trained on and evaluated.
 * The result depends on contents and seed, not on file names or order.
 * @param classes names of the labels, for messages and for the class's own random stream
 * @throws DATA_CLASS_TOO_SMALL, DATA_SHARES_TOO_LARGE
 */
export function drawSplits(
  photos: readonly Splittable[],
  { classes, shares, rng, dir }: { classes: readonly string[]; shares: SplitShares; rng: Rng; dir: string },
): SplitName[] {
  if (shares.validation + shares.evaluation > 0.95) throw new FulcrumError("DATA_SHARES_TOO_LARGE", { ...shares });
  const labelOf = new Map<string, number>();
  for (const { sha256, label } of photos) if (!labelOf.has(sha256)) labelOf.set(sha256, label);
  const splitOf = new Map<string, SplitName>();
  classes.forEach((name, label) => {
    const contents = [...labelOf].filter(([, of]) => of === label).map(([sha256]) => sha256);
    const needed = 1 + Number(shares.validation > 0) + Number(shares.evaluation > 0);
    if (contents.length < needed) {
      throw new FulcrumError("DATA_CLASS_TOO_SMALL", { name, count: contents.length, dir, needed });
    }
    const { validation, evaluation } = countsOf(contents.length, shares);
    rng
      .fork(name)
      .shuffle(contents.sort())
      .forEach((sha256, i) => {
        splitOf.set(sha256, i < evaluation ? "evaluation" : i < evaluation + validation ? "validation" : "training");
      });
  });
  return photos.map(({ sha256 }) => splitOf.get(sha256)!);
}

/** How many of `total` contents go to validation and evaluation; training keeps one at least. */
function countsOf(total: number, shares: SplitShares): { validation: number; evaluation: number } {
  const countOf = (share: number) => (share > 0 ? Math.max(1, Math.round(total * share)) : 0);
  const validation = Math.min(countOf(shares.validation), total - 1 - Number(shares.evaluation > 0));
  const evaluation = Math.min(countOf(shares.evaluation), total - 1 - validation);
  return { validation, evaluation };
}
