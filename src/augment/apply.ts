/** Applies a transform to a picture, step by step as ImageDataGenerator.apply_transform. Pure. */
import { affineMap } from "./affine.ts";
import { Canvas } from "./canvas.ts";
import type { Transform } from "./transform.ts";
import { type FloatPicture, type WarpOptions, warpSpline } from "./warp.ts";

/** A picture to be changed: bytes, or levels 0..255 as floats. It is left as it is. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Rows from the top, three channels a pixel. */
  readonly data: Uint8Array | Float32Array;
}

/** Affine, channel shift, flips, brightness: float32 levels, exact to Keras' own rounding. */
export function applyTransform(picture: Picture, transform: Transform, options: WarpOptions): FloatPicture {
  const { width, height } = picture;
  return { width, height, data: changed(picture, transform, options).levels() };
}

/** As applyTransform; each level rounded to the nearest whole one. */
export function applyTransformToBytes(picture: Picture, transform: Transform, options: WarpOptions): Uint8Array {
  return changed(picture, transform, options).toBytes();
}

function changed(picture: Picture, transform: Transform, options: WarpOptions): Canvas {
  const map = affineMap(transform, picture);
  const isLinear = map === null || (options.order === 1 && options.fill === "nearest");
  const canvas = new Canvas(isLinear ? picture : warpSpline(picture, map, options));
  // Keras flips after the channel shift, which makes no difference.
  canvas.warp(isLinear ? map : null, transform);
  if (transform.channelShift !== null) canvas.shift(transform.channelShift, canvas.range());
  if (transform.brightness !== null) canvas.brighten(transform.brightness);
  return canvas;
}
