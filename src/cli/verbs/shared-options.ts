/** Flags that every verb over a project takes. */
import { z } from "zod";

/** Of verbs that run a whole project. */
export const liveOption = z.boolean().default(true).describe("Start the live page beside the run");

export const projectOptions = z.object({
  config: z.string().default("fulcrum.yaml").describe("Project file"),
  set: z.array(z.string()).default([]).describe("Override a key for this run, as candidates.0.head.epochs=5"),
});
