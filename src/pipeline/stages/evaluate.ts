/** Stage 3: one candidate's accuracy on the evaluation split. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Candidate } from "../../config/candidate.ts";
import { datasetRecord } from "../../records/dataset.ts";
import { evaluationRecord } from "../../records/evaluation.ts";
import { trainingRecord } from "../../records/training.ts";
import { defineTask, type Task } from "../task.ts";
import { datasetTaskId } from "./data.ts";
import { needRecord } from "./need-record.ts";
import { trainTaskId } from "./train.ts";

export const evaluateTaskId = (candidate: string) => `evaluate/${candidate}`;

export function evaluateTask(candidate: Candidate): Task {
  const trainId = trainTaskId(candidate.name);
  return defineTask({
    id: evaluateTaskId(candidate.name),
    kind: evaluationRecord,
    needs: [datasetTaskId, trainId],
    inputs: async () => ({}),
    fingerprint: ({ modelSha256, predictions }) => ({ modelSha256, predictions }),
    async run({ store, progress, signal }) {
      const { evaluateModel } = await import("../../evaluate/index.ts");
      const { model } = await needRecord(store, trainId, trainingRecord);
      return evaluateModel({
        modelPath: join(await store.dirOf(trainId), model.file),
        dataset: await needRecord(store, datasetTaskId, datasetRecord),
        split: "evaluation",
        candidate: candidate.name,
        threads: availableParallelism(),
        measureInference: true,
        progress,
        signal,
      });
    },
  });
}
