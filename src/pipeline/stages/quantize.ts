/** Stage 2b: a candidate's int8 form, for candidates that ask for it. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Candidate } from "../../config/candidate.ts";
import { datasetRecord } from "../../records/dataset.ts";
import { quantizationRecord } from "../../records/quantization.ts";
import { trainingRecord } from "../../records/training.ts";
import { defineTask, type Task } from "../task.ts";
import { datasetTaskId } from "./data.ts";
import { needRecord } from "./need-record.ts";
import { trainTaskId } from "./train.ts";

export const quantizeTaskId = (candidate: string) => `quantize/${candidate}`;

/** Name of the model file beside the record. */
const modelFileName = "model.onnx";

export function quantizeTask({ name, quantize }: Candidate, seed: number): Task {
  const trainId = trainTaskId(name);
  return defineTask({
    id: quantizeTaskId(name),
    kind: quantizationRecord,
    needs: [datasetTaskId, trainId],
    inputs: async () => ({ quantize, seed }),
    fingerprint: ({ model }) => model.sha256,
    async run({ store, dir, progress, signal }) {
      const { quantizeModel } = await import("../../compress/index.ts");
      const { model } = await needRecord(store, trainId, trainingRecord);
      return quantizeModel({
        modelPath: join(await store.dirOf(trainId), model.file),
        outPath: join(dir, modelFileName),
        candidate: name,
        dataset: await needRecord(store, datasetTaskId, datasetRecord),
        choices: quantize!,
        seed,
        threads: availableParallelism(),
        progress,
        signal,
      });
    },
  });
}
