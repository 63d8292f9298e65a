/** The answer of POST /v2/models/NAME/infer: JSON tensors, or the JSON part and then binary ones. Pure. */
import type { Answer } from "../pool.ts";
import type { InferRequest, InferResponse } from "./schemas.ts";
import { encodeTexts } from "./tensors.ts";

/** What a client may ask for. */
const outputNames = ["probabilities", "class"] as const;

interface Output {
  readonly tensor: InferResponse["outputs"][number];
  readonly binary: Uint8Array | undefined;
}

/** What the answer takes from the request; its tensors are not held while photos wait. */
export type WantedInference = Pick<InferRequest, "id" | "parameters" | "outputs">;

export interface RenderedInference {
  readonly body: Uint8Array | string;
  /** Bytes of the JSON part where tensors follow it. */
  readonly jsonBytes: number | undefined;
}

/** Version of a model in the protocol: the beginning of its hash. */
export function modelVersion(sha256: string): string {
  return sha256.slice(0, 12);
}

/** @param answers all of one model */
export function renderInference(
  request: WantedInference,
  modelName: string,
  answers: readonly Answer[],
): RenderedInference {
  const isBinaryByDefault = request.parameters?.binary_data_output === true;
  const requested: NonNullable<InferRequest["outputs"]> = request.outputs ?? outputNames.map((name) => ({ name }));
  const outputs = requested.map((output) => {
    const chosen = output.parameters?.binary_data;
    const isBinary = typeof chosen === "boolean" ? chosen : isBinaryByDefault;
    return output.name === "class" ? classes(answers, isBinary) : probabilities(answers, isBinary);
  });
  const response: InferResponse = {
    model_name: modelName,
    model_version: modelVersion(answers[0]!.model.sha256),
    ...(request.id !== undefined && { id: request.id }),
    outputs: outputs.map(({ tensor }) => tensor),
  };
  const json = JSON.stringify(response);
  const binaries = outputs.flatMap(({ binary }) => (binary ? [binary] : []));
  if (binaries.length === 0) return { body: json, jsonBytes: undefined };
  return { body: Buffer.concat([Buffer.from(json), ...binaries]), jsonBytes: Buffer.byteLength(json) };
}

function probabilities(answers: readonly Answer[], isBinary: boolean): Output {
  const values = Float32Array.from(answers.flatMap((answer) => [...answer.probabilities]));
  const shape = [answers.length, answers[0]!.probabilities.length];
  const head = { name: "probabilities", datatype: "FP32" as const, shape };
  return isBinary
    ? binaryOutput(head, new Uint8Array(values.buffer))
    : { tensor: { ...head, data: [...values] }, binary: undefined };
}

function classes(answers: readonly Answer[], isBinary: boolean): Output {
  const names = answers.map(({ model, probabilities: values }) => {
    const best = values.reduce((top, value, i) => (value > values[top]! ? i : top), 0);
    return model.classes[best]!;
  });
  const head = { name: "class", datatype: "BYTES" as const, shape: [answers.length] };
  return isBinary ? binaryOutput(head, encodeTexts(names)) : { tensor: { ...head, data: names }, binary: undefined };
}

function binaryOutput(head: Omit<Output["tensor"], "parameters" | "data">, binary: Uint8Array): Output {
  return { tensor: { ...head, parameters: { binary_data_size: binary.byteLength } }, binary };
}
