/**
 * Bodies of KServe's V2 inference protocol (Open Inference Protocol, REST, with the binary tensor data extension).
 * Source: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md and
 * github.com/triton-inference-server/server, docs/protocol/extension_binary_data.md.
 */
import { z } from "zod";

export const datatypes = ["BYTES", "UINT8", "FP32"] as const;

const parameters = z.record(z.string(), z.unknown()).describe("Of the protocol's extensions");
const tensorMetadata = z.object({
  name: z.string(),
  datatype: z.enum(datatypes),
  shape: z.array(z.int()).describe("-1: any number"),
});

/** Values in a list, or in nested lists as the shape says. */
const tensorData = z.array(z.unknown()).describe("Row by row, flat or nested; BYTES as base64 text");

const inferInput = z.object({
  name: z.string(),
  datatype: z.enum(datatypes),
  shape: z.array(z.int().min(1)).min(1),
  parameters: parameters.optional().describe("binary_data_size: bytes of this tensor after the JSON part"),
  data: tensorData.optional().describe("Absent for a binary tensor"),
});

const requestedOutput = z.object({
  name: z.enum(["probabilities", "class"]),
  parameters: parameters.optional().describe("binary_data: the tensor follows the JSON part"),
});

export const kserveSchemas = {
  live: z.object({ live: z.literal(true) }),
  ready: z.object({ ready: z.literal(true) }),
  modelReady: z.object({ name: z.string(), ready: z.literal(true) }),
  serverMetadata: z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }),
  modelMetadata: z.object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z
      .array(tensorMetadata)
      .describe("`photo` alone takes encoded photos; all the others together take prepared pixels, as UINT8 or FP32"),
    outputs: z.array(tensorMetadata),
  }),
  inferRequest: z.object({
    id: z.string().optional(),
    parameters: parameters.optional().describe("binary_data_output: outputs follow the JSON part"),
    inputs: z.array(inferInput).min(1),
    outputs: z.array(requestedOutput).min(1).max(2).optional().describe("By default both"),
  }),
  inferResponse: z.object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(
      z.object({
        name: z.string(),
        datatype: z.enum(datatypes),
        shape: z.array(z.int()),
        parameters: parameters.optional(),
        data: z.array(z.union([z.number(), z.string()])).optional(),
      }),
    ),
  }),
  failure: z.object({ error: z.string().describe("What failed, with its code in brackets at the end") }),
};

export type InferRequest = z.output<typeof kserveSchemas.inferRequest>;
export type InferInput = InferRequest["inputs"][number];
export type InferResponse = z.output<typeof kserveSchemas.inferResponse>;
