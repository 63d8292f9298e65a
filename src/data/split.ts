/** Seeded, stratified splits for folders that have none. Pure. */
import assert from "node:assert/strict";
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

/** Distinct contents (SHA-256) of each label; one that bears several labels counts for its first. */
export function contentsByLabel(photos: readonly Splittable[]): Map<number, string[]> {
  const labelOf = new Map<string, number>();
  for (const { sha256, label } of photos) if (!labelOf.has(sha256)) labelOf.set(sha256, label);
  const result = new Map<number, string[]>();
  for (const [sha256, label] of labelOf) {
    const own = result.get(label);
    if (own === undefined) result.set(label, [sha256]);
    else own.push(sha256);
  }
  return result;
}

/**
 * The split of each photo. Every class is divided by the same shares, and each split with a share above 0 gets one
 * photo at least. Byte-identical photos count once and stay together, so that none is both trained on and evaluated.
 * The result depends on contents and seed, not on file names or order.
 * @param classes names of the labels, each the label of its class's own random stream; every class has as many
 *   distinct photos as there are splits to draw
 * @throws DATA_SHARES_TOO_LARGE
 */
export function drawSplits(
  photos: readonly Splittable[],
  { classes, shares, rng }: { classes: readonly string[]; shares: SplitShares; rng: Rng },
): SplitName[] {
  if (shares.validation + shares.evaluation > 0.95) throw new FulcrumError("DATA_SHARES_TOO_LARGE", { ...shares });
  const splitOf = new Map<string, SplitName>();
  for (const [label, contents] of contentsByLabel(photos)) {
    const { validation, evaluation } = countsOf(contents.length, shares);
    assert(validation + evaluation < contents.length);
    const order = rng.fork(classes[label]!).shuffle(contents.sort());
    order.forEach((sha256, i) => {
      splitOf.set(sha256, i < evaluation ? "evaluation" : i < evaluation + validation ? "validation" : "training");
    });
  }
  return photos.map(({ sha256 }) => splitOf.get(sha256)!);
}

/** How many of `total` contents go to validation and evaluation; training keeps one at least. */
function countsOf(total: number, shares: SplitShares): { validation: number; evaluation: number } {
  const countOf = (share: number) => (share > 0 ? Math.max(1, Math.round(total * share)) : 0);
  const validation = Math.min(countOf(shares.validation), total - 1 - Number(shares.evaluation > 0));
  const evaluation = Math.min(countOf(shares.evaluation), total - 1 - validation);
  return { validation, evaluation };
}
