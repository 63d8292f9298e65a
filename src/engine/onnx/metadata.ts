/** metadata_props of an ONNX file: read, and replace without touching anything else. Pure. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "./onnx_pb.js";

/** All metadata of a model. Throws what the decoder throws for bytes that are no ONNX file. */
export function readMetadata(model: Uint8Array): Readonly<Record<string, string>> {
  const { metadataProps } = fromBinary(ModelProtoSchema, model);
  return Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
}

/** A copy of the model with other metadata. */
export function replaceMetadata(model: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, model);
  proto.metadataProps = Object.entries(metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return toBinary(ModelProtoSchema, proto);
}
