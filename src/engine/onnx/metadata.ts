/** metadata_props of any ONNX file: read them, or replace them without touching anything else. Pure. */
import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema } from "./onnx_pb.ts";
import { parseModel, renderModel } from "./proto.ts";

/**
 * All metadata of a model.
 * @throws ENGINE_MODEL_UNREADABLE
 */
export function readMetadata(model: Uint8Array): Readonly<Record<string, string>> {
  return Object.fromEntries(parseModel(model).metadataProps.map(({ key, value }) => [key, value]));
}

/**
 * A copy of the model with other metadata, in the order given.
 * @throws ENGINE_MODEL_UNREADABLE
 */
export function replaceMetadata(model: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const proto = parseModel(model);
  proto.metadataProps = Object.entries(metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return renderModel(proto);
}
