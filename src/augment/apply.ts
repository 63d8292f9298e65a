/** Applies a transform to a picture, step by step as ImageDataGenerator.apply_transform. Pure. */
import { affineMap } from "./affine.ts";
import type { Transform } from "./transform.ts";
import { type FloatPicture, type WarpOptions, warp } from "./warp.ts";

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
  const map = affineMap(transform, picture);
  const moved = map === null ? { width, height, data: Float32Array.from(picture.data) } : warp(picture, map, options);
  if (transform.channelShift !== null) shiftChannels(moved.data, transform.channelShift);
  if (transform.flipHorizontal) flipColumns(moved);
  if (transform.flipVertical) flipRows(moved);
  if (transform.brightness !== null) scaleBrightness(moved.data, transform.brightness);
  return moved;
}

/** Adds a level and limits the result to the picture's own range before the shift, all channels together. */
function shiftChannels(data: Float32Array, shift: number): void {
  const [low, high] = range(data);
  const added = Math.fround(shift);
  for (let i = 0; i < data.length; i++) {
    const value = Math.fround(data[i]! + added);
    data[i] = value < low ? low : value > high ? high : value;
  }
}

function flipColumns({ width, height, data }: FloatPicture): void {
  for (let row = 0; row < height; row++) {
    let left = row * width * 3;
    let right = left + (width - 1) * 3;
    for (; left < right; left += 3, right -= 3) {
      for (let channel = 0; channel < 3; channel++) {
        const value = data[left + channel]!;
        data[left + channel] = data[right + channel]!;
        data[right + channel] = value;
      }
    }
  }
}

function flipRows({ width, height, data }: FloatPicture): void {
  const length = width * 3;
  for (let top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
    const kept = data.slice(top * length, (top + 1) * length);
    data.copyWithin(top * length, bottom * length, (bottom + 1) * length);
    data.set(kept, bottom * length);
  }
}

/**
 * Pillow's ImageEnhance.Brightness on the picture cut to whole levels: v * factor in float32, limited, cut again. A
 * picture that leaves 0..255 is stretched to it first and back afterwards, as Keras does.
 */
function scaleBrightness(data: Float32Array, brightness: number): void {
  const factor = Math.fround(brightness);
  const levels = Float32Array.from({ length: 256 }, (_, v) => {
    const scaled = Math.fround(v * factor);
    return scaled <= 0 ? 0 : scaled >= 255 ? 255 : Math.trunc(scaled);
  });
  const [low, high] = range(data);
  if (low >= 0 && high <= 255) {
    for (let i = 0; i < data.length; i++) data[i] = levels[data[i]! | 0]!;
    return;
  }
  const span = Math.fround(high - low);
  for (let i = 0; i < data.length; i++) {
    const stretched = Math.fround(Math.fround(Math.fround(data[i]! - low) / span) * 255);
    data[i] = Math.fround(Math.fround(Math.fround(levels[stretched | 0]! / 255) * span) + low);
  }
}

function range(data: Float32Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
