/** ONNX files: encode graphs, read and replace metadata. */
export { encodeModel } from "./encode.ts";
export { readMetadata, replaceMetadata } from "./metadata.ts";
