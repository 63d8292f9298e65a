/** Stage 3: one candidate's accuracy on the evaluation split. */
import { availableParallelism } from "node:os";
import type { Candidate } from "../../config/candidate.ts";
import { datasetRecord } from "../../records/dataset.ts";
import { evaluationRecord } from "../../records/evaluation.ts";
import { defineTask, type Task } from "../task.ts";
import { datasetTaskId } from "./data.ts";
import { modelTaskId, servedModel } from "./model.ts";
import { needRecord } from "./need-record.ts";
import { trainTaskId } from "./train.ts";

export const evaluateTaskId = (candidate: string) => `evaluate/${candidate}`;

export function evaluateTask(candidate: Candidate): Task {
  return defineTask({
    id: evaluateTaskId(candidate.name),
    kind: evaluationRecord,
    needs: [...new Set([datasetTaskId, trainTaskId(candidate.name), modelTaskId(candidate)])],
    inputs: async () => ({}),
    fingerprint: ({ modelSha256, predictions }) => ({ modelSha256, predictions }),
    async run({ store, progress, signal }) {
      const { besideFloat, evaluateModels } = await import("../../evaluate/index.ts");
      const { name } = candidate;
      const served = { modelPath: (await servedModel(store, candidate)).path, candidate: name };
      const models = [served];
      if (candidate.quantize !== null) {
        const { path } = await servedModel(store, { name, quantize: null });
        models.push({ modelPath: path, candidate: `${name}, float` });
      }
      const [evaluation, float] = await evaluateModels(models, {
        dataset: await needRecord(store, datasetTaskId, datasetRecord),
        split: "evaluation",
        threads: availableParallelism(),
        measureInference: true,
        progress,
        signal,
      });
      return float === undefined ? evaluation! : besideFloat(evaluation!, float);
    },
  });
}
