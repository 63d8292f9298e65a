/** ONNX files: graphs encoded and decoded, metadata of any model read and replaced. Pure. */
export { decodeModel } from "./decode.ts";
export { type EncodeOptions, encodeModel } from "./encode.ts";
export { readMetadata, replaceMetadata } from "./metadata.ts";
export { parseModel, renderModel } from "./proto.ts";
export { irVersion, opsetVersion } from "./types.ts";
