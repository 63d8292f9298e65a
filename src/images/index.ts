/** Photos: decode, resize, prepare, encode. One code path for training, evaluation and serving. */
export { decodePhoto, encodeJpeg, encodePng, maxPixels, maxSide, rasterizeSvg } from "./codec.ts";
export type { Pixels } from "./pixels.ts";
export { leastShortSide, preparePhoto } from "./prepare.ts";
export { resizePixels } from "./resample.ts";
export { Scratch } from "./scratch.ts";
