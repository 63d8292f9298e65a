/** readDataset: a folder of photos becomes the data stage's record. */
import { resolve } from "node:path";
import { Rng } from "../base/rng.ts";
import type { Dataset, Photo, SplitName } from "../records/dataset.ts";
import { findProblems, splitsToDraw } from "./check.ts";
import { findDuplicates } from "./duplicates.ts";
import { drawSplits } from "./split.ts";
import { type Survey, type SurveyOptions, surveyFolder } from "./survey.ts";

export interface ReadOptions extends SurveyOptions {
  /** Consent to leave out files that do not decode; the record names them. */
  readonly skipUnreadable: boolean;
  /** Share of each class for validation, 0..1, where the folder has no validation split. */
  readonly validationShare: number;
  /** Share of each class for evaluation, 0..1, where the folder has no splits. */
  readonly evaluationShare: number;
  /** Seed of the splits that are drawn. */
  readonly seed: number;
}

/**
 * Reads, hashes and decodes every photo of `dir`. Layouts: layout.ts; names of splits: names.ts.
 * A folder without splits is split by class from the seed; one with training and evaluation only gets its validation
 * split drawn from the training photos.
 * @throws DATA_* errors: see src/errors/data.ts; the signal's reason when it fires
 */
export async function readDataset(options: ReadOptions): Promise<Dataset> {
  const dir = resolve(options.dir);
  const survey = await surveyFolder({ ...options, dir });
  const [problem] = findProblems(dir, survey, options.skipUnreadable);
  if (problem !== undefined) throw problem;
  const splits = assignSplits(survey, options);
  tellLeftOut(survey, options);
  const photos = survey.photos.map((photo, i) => ({ ...photo, split: splits[i]! }));
  const photosOf = (split: SplitName): Photo[] =>
    photos
      .filter((photo) => photo.split === split)
      .map(({ path, label, sha256, width, height }) => ({ path, label, sha256, width, height }));
  const drawn = splitsToDraw(survey.layout);
  return {
    dir,
    layout: survey.layout.kind,
    synthetic: survey.synthetic,
    classes: [...survey.layout.classes],
    splits: { training: photosOf("training"), validation: photosOf("validation"), evaluation: photosOf("evaluation") },
    splitOrigin: drawn === "none" ? "given" : drawn === "all" ? "seeded" : "validation-seeded",
    ...(drawn === "none"
      ? {}
      : { shares: { validation: options.validationShare, evaluation: options.evaluationShare } }),
    unreadable: [...survey.unreadable],
    duplicatesAcrossSplits: findDuplicates(photos).acrossSplits,
  };
}

function assignSplits(
  { layout, photos }: Survey,
  { seed, validationShare, evaluationShare }: ReadOptions,
): SplitName[] {
  const drawn = splitsToDraw(layout);
  if (drawn === "none") return photos.map((photo) => photo.split!);
  const isDivided = (split: SplitName | null) => split === null || split === "training";
  const divided = drawSplits(
    photos.filter((photo) => isDivided(photo.split)),
    {
      classes: layout.classes,
      shares: { validation: validationShare, evaluation: drawn === "all" ? evaluationShare : 0 },
      rng: new Rng(seed).fork("splits"),
    },
  );
  let next = 0;
  return photos.map((photo) => (isDivided(photo.split) ? divided[next++]! : photo.split!));
}

function tellLeftOut({ unreadable, otherFiles }: Survey, { progress }: ReadOptions): void {
  for (const { path, problem } of unreadable) progress.note(`left out: ${path}: ${problem}`);
  for (const path of otherFiles) progress.note(`not a photo: ${path}`);
}
