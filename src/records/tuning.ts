/** The record of a search: every trial, and what was chosen. Written after each trial, so that a killed search goes on. */
import { z } from "zod";
import { interval } from "./evaluation.ts";
import { defineRecord } from "./record.ts";

const trial = z.object({
  /** Number of the arm and of the rung, from 0. */
  arm: z.int(),
  rung: z.int(),
  /** The candidate as it was trained. */
  candidate: z.record(z.string(), z.unknown()),
  seconds: z.number(),
  /** null where training failed; `problem` says why. */
  result: z
    .object({
      validationAccuracy: z.number(),
      validationLoss: z.number(),
      /** One photo at a time from decoded pixels, one thread. */
      latencyMs: interval,
    })
    .nullable(),
  problem: z.string().nullable(),
});

const tuning = z.object({
  /** Hash of what the trials depend on: space, seed, photos, version. Others are not gone on with. */
  key: z.string(),
  photos: z.object({ training: z.int(), validation: z.int() }),
  rungs: z.array(z.int().nullable()),
  fixedArms: z.int(),
  budgetSeconds: z.number(),
  /** Over all sessions, trials that were cut off included. */
  spentSeconds: z.number(),
  trials: z.array(trial),
});

export type Trial = z.output<typeof trial>;
export type Tuning = z.output<typeof tuning>;
export const tuningRecord = defineRecord("tuning", 1, tuning);
