/** The photos of a folder, split as they were when a model was trained: shared by evaluate and quantize. */
import { z } from "zod";
import { share } from "../config/project.ts";
import { isFulcrumError } from "../errors/index.ts";
import type { ModelMetadata } from "../models/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { VerbIo } from "./verb.ts";

/** Flags that say how a folder without splits is split. */
export const splitOptions = {
  validationShare: share
    .optional()
    .describe("Share of each class for validation, as at training; default: the model's, or 0.15"),
  evaluationShare: share
    .optional()
    .describe("Share of each class for evaluation, as at training; default: the model's, or 0.15"),
  skipUnreadable: z.boolean().default(false).describe("Leave out files that cannot be decoded"),
};

export interface SplitChoices {
  readonly dir: string;
  readonly seed?: number | undefined;
  readonly validationShare?: number | undefined;
  readonly evaluationShare?: number | undefined;
  readonly skipUnreadable: boolean;
}

export interface ModelSplit {
  readonly dataset: Dataset;
  /** Of the split, where one was drawn. */
  readonly seed: number;
  /** True if training and validation photos are those of the model's training; null where it does not say. */
  readonly isOwn: boolean | null;
}

const usualSeed = 1;
const usualShares = { validation: 0.15, evaluation: 0.15 };

/** Seed and shares are what was asked for, else the model's own, else the usual ones. @throws as readDataset */
export async function readModelSplit(
  { training }: Pick<ModelMetadata, "training">,
  choices: SplitChoices,
  { progress, signal }: Pick<VerbIo, "progress" | "signal">,
): Promise<ModelSplit> {
  const { readDataset } = await import("../data/index.ts");
  const { dir, skipUnreadable } = choices;
  const seed = choices.seed ?? training?.seed ?? usualSeed;
  const drawn = training?.data.shares ?? usualShares;
  const shares = {
    validationShare: choices.validationShare ?? drawn.validation,
    evaluationShare: choices.evaluationShare ?? drawn.evaluation,
  };
  const dataset = await readDataset({ dir, layout: "auto", skipUnreadable, ...shares, seed, progress, signal });
  if (training === null) return { dataset, seed, isOwn: null };
  const { describeData, selectPhotos } = await import("../train/index.ts");
  try {
    const found = describeData(dataset, selectPhotos(dataset, training.choices.head.photosPerClass));
    return { dataset, seed, isOwn: found.sha256 === training.data.sha256 };
  } catch (error) {
    if (!isFulcrumError(error, "TRAIN_TOO_FEW_PHOTOS")) throw error;
    return { dataset, seed, isOwn: false };
  }
}

/** What has to be known before an accuracy on a drawn split is believed, in words; null: nothing. Pure. */
export function splitCaution(
  path: string,
  { training }: Pick<ModelMetadata, "training">,
  { dataset, seed, isOwn }: Pick<ModelSplit, "dataset" | "seed" | "isOwn">,
): string | null {
  const { shares } = dataset;
  // A split of the folder's own is for whoever made it to keep apart.
  if (isOwn === true || shares === undefined) return null;
  const drawn = `the folder has no evaluation split: one was drawn with seed ${seed}, shares ${shares.validation} and ${shares.evaluation}`;
  const next =
    "If the model was trained on photos of this folder, some of them may be among those that it is tested on";
  if (training === null) return `${path} does not say what it was trained on, and ${drawn}. ${next}.`;
  const { name } = training.data;
  const asked = training.data.shares
    ? `seed ${training.seed}, shares ${training.data.shares.validation} and ${training.data.shares.evaluation}`
    : `seed ${training.seed}, and does not say with which shares (give --validation-share and --evaluation-share)`;
  return `${drawn}, which gives other training photos than those of ${path} (${name}; ${asked}). ${next}.`;
}
