/** Stage 4: one candidate deployed in one shape, under load, with its resources and events. */
import type { Deployment } from "../../config/deployment.ts";
import type { Project } from "../../config/project.ts";
import { measurementRecord } from "../../records/measurement.ts";
import { defineTask, type Task } from "../task.ts";
import { modelTaskId, servedModel } from "./model.ts";

export const measureTaskId = (deployment: string, candidate: string) => `measure/${deployment}/${candidate}`;

export function measureTask(project: Project, deployment: Deployment, candidate: string): Task {
  const chosen = project.candidates.find(({ name }) => name === candidate)!;
  const load = project.loads.find(({ name }) => name === deployment.load)!;
  return defineTask({
    id: measureTaskId(deployment.name, candidate),
    kind: measurementRecord,
    needs: [modelTaskId(chosen)],
    inputs: async () => ({
      deployment: { ...deployment, candidates: undefined },
      load,
      seed: project.seed,
      ...(deployment.target === "local"
        ? { platform: project.platform, autoscaler: deployment.shape === "autoscaled" ? project.autoscaler : null }
        : { kubernetes: project.kubernetes }),
    }),
    fingerprint: (body) => body,
    async run({ store, dir, seed, progress, tell, signal }) {
      const model = await servedModel(store, chosen);
      const { measure } = await import("../measure.ts");
      return measure({
        deployment,
        candidate,
        load,
        platform: project.platform,
        autoscaler: project.autoscaler,
        kubernetes: project.kubernetes,
        modelPath: model.path,
        modelSha256: model.sha256,
        dir,
        seed,
        progress,
        tell,
        signal,
      });
    },
  });
}
