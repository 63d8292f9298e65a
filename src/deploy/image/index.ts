/** The container image of a model, made without a container engine. */
export { type BuiltImage, buildImage, type ImageOptions, servicePort } from "./build-image.ts";
export { writeImageArchive } from "./image-archive.ts";
export { type Architecture, architectures } from "./platform.ts";
