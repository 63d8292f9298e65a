/** Exact duplicates: byte-identical files by their SHA-256. Pure. */
import type { SplitName } from "../records/dataset.ts";

export interface Duplicates {
  /** Groups of paths within one split: photos counted twice. */
  readonly withinSplit: string[][];
  /** Groups of paths that lie in more than one split: photos both trained on and evaluated. */
  readonly acrossSplits: string[][];
  /** Groups of paths that bear different classes; they may be in one of the other two lists as well. */
  readonly acrossClasses: string[][];
}

/** Groups byte-identical files; groups and their paths are in the order of `photos`. */
export function findDuplicates(
  photos: readonly { path: string; label: number; sha256: string; split: SplitName | null }[],
): Duplicates {
  const groups = Map.groupBy(photos, (photo) => photo.sha256);
  const result: Duplicates = { withinSplit: [], acrossSplits: [], acrossClasses: [] };
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const paths = group.map((photo) => photo.path);
    const several = (values: unknown[]) => new Set(values).size > 1;
    if (several(group.map((photo) => photo.label))) result.acrossClasses.push(paths);
    (several(group.map((photo) => photo.split)) ? result.acrossSplits : result.withinSplit).push(paths);
  }
  return result;
}
