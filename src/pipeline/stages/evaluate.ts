/** Stage 3: one candidate's accuracy on the evaluation split. */
import { availableParallelism } from "node:os";
import type { Candidate } from "../../config/candidate.ts";
import { datasetRecord } from "../../records/dataset.ts";
import { evaluationRecord } from "../../records/evaluation.ts";
import { defineTask, type Task } from "../task.ts";
import { datasetTaskId } from "./data.ts";
import { modelTaskId, servedModel } from "./model.ts";
import { needRecord } from "./need-record.ts";

export const evaluateTaskId = (candidate: string) => `evaluate/${candidate}`;

export function evaluateTask(candidate: Candidate): Task {
  return defineTask({
    id: evaluateTaskId(candidate.name),
    kind: evaluationRecord,
    needs: [datasetTaskId, modelTaskId(candidate)],
    inputs: async () => ({}),
    fingerprint: ({ modelSha256, predictions }) => ({ modelSha256, predictions }),
    async run({ store, progress, signal }) {
      const { evaluateModel } = await import("../../evaluate/index.ts");
      const { path: modelPath } = await servedModel(store, candidate);
      return evaluateModel({
        modelPath,
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
