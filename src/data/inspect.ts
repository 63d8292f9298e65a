/** inspectDataset: what is in a folder of photos and what is wrong with it, without changing or leaving out anything. */
import { resolve } from "node:path";
import type { Dataset, SplitName } from "../records/dataset.ts";
import { findProblems, splitsToDraw } from "./check.ts";
import { type Duplicates, findDuplicates } from "./duplicates.ts";
import { splitNames } from "./names.ts";
import { type SurveyedPhoto, type SurveyOptions, surveyFolder } from "./survey.ts";

/** Smallest, middle (lower median) and largest of a quantity. */
export interface Range {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

export interface Inspection {
  readonly dir: string;
  readonly layout: Dataset["layout"];
  readonly synthetic: boolean;
  /** Splits that the folder has; empty when they would be drawn. */
  readonly splits: readonly SplitName[];
  /** What readDataset would draw from the seed. */
  readonly drawnSplits: "all" | "validation" | "none";
  /** Readable photos of each class, in all and by the folder's splits. */
  readonly classes: readonly { readonly name: string; readonly photos: number; readonly bySplit: SplitCounts }[];
  readonly photos: number;
  /** null when no photo is readable. */
  readonly sizes: { readonly width: Range; readonly height: Range; readonly fileBytes: Range } | null;
  readonly unreadable: Dataset["unreadable"];
  readonly otherFiles: readonly string[];
  readonly duplicates: Duplicates;
  /** Photos of the largest class for each of the smallest; null when a class is empty. */
  readonly imbalanceRatio: number | null;
  /** What readDataset would refuse, in the order of mending. */
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

export type SplitCounts = Readonly<Partial<Record<SplitName, number>>>;

/**
 * Surveys a folder.
 * @throws DATA_* errors where the folder's layout cannot be told; everything else is in `problems`
 */
export async function inspectDataset(options: SurveyOptions): Promise<Inspection> {
  const dir = resolve(options.dir);
  const survey = await surveyFolder({ ...options, dir });
  const { layout, photos } = survey;
  const classes = layout.classes.map((name, label) => {
    const own = photos.filter((photo) => photo.label === label);
    return { name, photos: own.length, bySplit: countBySplit(own, layout.splits) };
  });
  return {
    dir,
    layout: layout.kind,
    synthetic: survey.synthetic,
    splits: layout.splits,
    drawnSplits: splitsToDraw(layout),
    classes,
    photos: photos.length,
    sizes: sizesOf(photos),
    unreadable: survey.unreadable,
    otherFiles: survey.otherFiles,
    duplicates: findDuplicates(photos),
    imbalanceRatio: imbalanceOf(classes.map((entry) => entry.photos)),
    problems: findProblems(dir, survey, false).map(({ code, message }) => ({ code, message })),
  };
}

function countBySplit(photos: readonly SurveyedPhoto[], splits: readonly SplitName[]): SplitCounts {
  const present = splitNames.filter((split) => splits.includes(split));
  return Object.fromEntries(present.map((split) => [split, photos.filter((photo) => photo.split === split).length]));
}

function sizesOf(photos: readonly SurveyedPhoto[]): Inspection["sizes"] {
  if (photos.length === 0) return null;
  return {
    width: rangeOf(photos.map((photo) => photo.width)),
    height: rangeOf(photos.map((photo) => photo.height)),
    fileBytes: rangeOf(photos.map((photo) => photo.fileBytes)),
  };
}

function rangeOf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b);
  return { least: sorted[0]!, median: sorted[(sorted.length - 1) >> 1]!, most: sorted.at(-1)! };
}

function imbalanceOf(counts: readonly number[]): number | null {
  const least = Math.min(...counts);
  return least > 0 ? Math.max(...counts) / least : null;
}
