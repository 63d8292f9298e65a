/** The data stage's record: which photos, which class, which split. */
import { z } from "zod";
import { defineRecord } from "./record.ts";

const photo = z.object({
  /** Path relative to the data set's folder, with forward slashes. */
  path: z.string(),
  /** Index into `classes`. */
  label: z.int(),
  sha256: z.string(),
  width: z.int(),
  height: z.int(),
});

/** Shares of each class that drawn splits got, 0..1. */
export const drawnShares = z.object({ validation: z.number(), evaluation: z.number() });

const dataset = z.object({
  /** Absolute folder at the time of reading. */
  dir: z.string(),
  layout: z.enum(["folders", "food11"]),
  /** True for drawn photos: every figure made from them says so. */
  synthetic: z.boolean(),
  classes: z.array(z.string()),
  splits: z.object({ training: z.array(photo), validation: z.array(photo), evaluation: z.array(photo) }),
  /**
   * given: the folder had splits; seeded: drawn by class from the run's seed; validation-seeded: the folder had
   * training and evaluation, validation was drawn from the training photos.
   */
  splitOrigin: z.enum(["given", "seeded", "validation-seeded"]),
  /** Where splits were drawn. */
  shares: drawnShares.optional(),
  /** Files left out by consent, with the decoder's reason. */
  unreadable: z.array(z.object({ path: z.string(), problem: z.string() })),
  /** Groups of byte-identical files that lie in more than one split. */
  duplicatesAcrossSplits: z.array(z.array(z.string())),
});

export type Photo = z.output<typeof photo>;
export type Dataset = z.output<typeof dataset>;
export type SplitName = keyof Dataset["splits"];
export const datasetRecord = defineRecord("dataset", 1, dataset);
