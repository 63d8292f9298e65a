/** Stage 4: one candidate deployed in one shape, under load, with its resources and events. */
import { join } from "node:path";
import type { Deployment } from "../../config/deployment.ts";
import type { Project } from "../../config/project.ts";
import { FulcrumError } from "../../errors/index.ts";
import { measurementRecord } from "../../records/measurement.ts";
import { trainingRecord } from "../../records/training.ts";
import { defineTask, type Task } from "../task.ts";
import { needRecord } from "./need-record.ts";
import { trainTaskId } from "./train.ts";

export const measureTaskId = (deployment: string, candidate: string) => `measure/${deployment}/${candidate}`;

export function measureTask(project: Project, deployment: Deployment, candidate: string): Task {
  const trainId = trainTaskId(candidate);
  const load = project.loads.find(({ name }) => name === deployment.load)!;
  return defineTask({
    id: measureTaskId(deployment.name, candidate),
    kind: measurementRecord,
    needs: [trainId],
    inputs: async () => ({
      deployment: { ...deployment, candidates: undefined },
      load,
      platform: project.platform,
      autoscaler: deployment.shape === "autoscaled" ? project.autoscaler : null,
    }),
    fingerprint: (body) => body,
    async run({ store, dir, seed, progress, signal }) {
      if (deployment.target !== "local") {
        throw new FulcrumError("DEPLOY_TARGET_UNKNOWN", { target: deployment.target, allowed: "local" });
      }
      const { model } = await needRecord(store, trainId, trainingRecord);
      const { measureLocally } = await import("../measure-locally.ts");
      return measureLocally({
        deployment,
        candidate,
        load,
        platform: project.platform,
        autoscaler: project.autoscaler,
        modelPath: join(await store.dirOf(trainId), model.file),
        modelSha256: model.sha256,
        dir,
        seed,
        progress,
        signal,
      });
    },
  });
}
