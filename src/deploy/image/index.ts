/** The container image of a model, made without a container engine. */
export type { AssembledImage } from "./assemble.ts";
export { buildImage, type ImageOptions, type ImageSource, writeImageRoot } from "./build-image.ts";
export { writeImageArchive } from "./image-archive.ts";
export { type Architecture, architectures } from "./platform.ts";
export { type PushResult, pushImage } from "./registry/push.ts";
export { type ImageReference, parseReference } from "./registry/reference.ts";
