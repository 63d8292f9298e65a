/** Stage 2: one candidate's training, to a training record and a model file beside it. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Candidate } from "../../config/candidate.ts";
import type { LoadedProject } from "../../config/load-project.ts";
import { cacheDir } from "../../config/paths.ts";
import { datasetRecord } from "../../records/dataset.ts";
import { trainingRecord } from "../../records/training.ts";
import { defineTask, type Task } from "../task.ts";
import { datasetTaskId } from "./data.ts";
import { needRecord } from "./need-record.ts";

export const trainTaskId = (candidate: string) => `train/${candidate}`;

export function trainTask({ project }: LoadedProject, candidate: Candidate): Task {
  return defineTask({
    id: trainTaskId(candidate.name),
    kind: trainingRecord,
    needs: [datasetTaskId],
    // Quantising comes afterwards: another choice there does not train again.
    inputs: async () => ({ candidate: { ...candidate, quantize: undefined }, seed: project.seed }),
    fingerprint: ({ model }) => model.sha256,
    async run({ store, dir, seed, progress, signal }) {
      const { trainCandidate } = await import("../../train/index.ts");
      const dataset = await needRecord(store, datasetTaskId, datasetRecord);
      return trainCandidate({
        candidate,
        dataset,
        seed,
        outDir: dir,
        featureDir: join(cacheDir, "features"),
        threads: availableParallelism(),
        progress,
        signal,
      });
    },
  });
}
