/** Which model of a candidate is evaluated and served: its int8 form if it asks for one, else what training gave. */
import { join } from "node:path";
import type { Candidate } from "../../config/candidate.ts";
import { quantizationRecord } from "../../records/quantization.ts";
import { trainingRecord } from "../../records/training.ts";
import type { RunStore } from "../store.ts";
import { needRecord } from "./need-record.ts";
import { quantizeTaskId } from "./quantize.ts";
import { trainTaskId } from "./train.ts";

type Chosen = Pick<Candidate, "name" | "quantize">;

/** The task that makes the model. */
export function modelTaskId({ name, quantize }: Chosen): string {
  return quantize === null ? trainTaskId(name) : quantizeTaskId(name);
}

/** Path and SHA-256 of the model file. */
export async function servedModel(store: RunStore, candidate: Chosen): Promise<{ path: string; sha256: string }> {
  const id = modelTaskId(candidate);
  const { model } =
    candidate.quantize === null
      ? await needRecord(store, id, trainingRecord)
      : await needRecord(store, id, quantizationRecord);
  return { path: join(await store.dirOf(id), model.file), sha256: model.sha256 };
}
