/** Bytes of an ONNX file to its raw message and back, without asking what the model holds. Pure. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { problemOf } from "../../base/files.ts";
import { FulcrumError } from "../../errors/index.ts";
import { type ModelProto, ModelProtoSchema } from "./onnx_pb.ts";

/**
 * The raw message. Fields that this version of ONNX does not know are kept and written again.
 * @throws ENGINE_MODEL_UNREADABLE
 */
export function parseModel(bytes: Uint8Array): ModelProto {
  const model = parse(bytes);
  if (model.graph === undefined) throw new FulcrumError("ENGINE_MODEL_UNREADABLE", { problem: "it has no graph" });
  return model;
}

/** The message as the bytes of an ONNX file. */
export function renderModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new FulcrumError("ENGINE_MODEL_UNREADABLE", { problem: problemOf(cause) }, { cause });
  }
}
