/** Flags that every verb over a project takes. */
import { z } from "zod";
import type { LoadedProject } from "../../config/load-project.ts";

/** Of verbs that run a whole project. */
export const liveOption = z.boolean().default(true).describe("Start the live page beside the run");

export const projectOptions = z.object({
  config: z.string().default("fulcrum.yaml").describe("Project file"),
  set: z.array(z.string()).default([]).describe("Override a key for this run, as candidates.0.head.epochs=5"),
});

export const targetOption = z
  .enum(["local", "kubernetes"])
  .optional()
  .describe("Deploy everything there, whatever the project file says");

/** The project with one target for all of its deployments. */
export function withTarget(loaded: LoadedProject, target: z.output<typeof targetOption>): LoadedProject {
  if (target === undefined) return loaded;
  const deployments = loaded.project.deployments.map((deployment) => ({ ...deployment, target }));
  return { ...loaded, project: { ...loaded.project, deployments } };
}
