/** From a decoded photo to a model's input, as the model's preprocessing says. Pure. */
import assert from "node:assert/strict";
import type { Preprocessing } from "../records/preprocessing.ts";
import type { Pixels } from "./pixels.ts";
import { resizeWindow } from "./resample.ts";
import type { Scratch } from "./scratch.ts";

/** How small a photo may be decoded that these inputs are made of: as the one that needs most allows. */
export function leastShortSide(inputs: readonly Preprocessing[]): number | undefined {
  const sides = inputs.map(({ shortSide, shrinkMargin }) => shortSide * (shrinkMargin ?? Number.POSITIVE_INFINITY));
  const most = Math.max(...sides);
  return Number.isFinite(most) ? most : undefined;
}

/**
 * A model input for one photo: RGB bytes [size, size, 3].
 * stretch: the whole photo. crop: the short side becomes `shortSide`, the long one in proportion, rounded down; then
 * the centre, its margin rounded to whole pixels, halves to even (torchvision's Resize and CenterCrop).
 * @param scratch memory for the result
 */
export function preparePhoto(
  pixels: Pixels,
  { size, resize, shortSide }: Preprocessing,
  scratch?: Scratch,
): Uint8Array {
  if (resize === "stretch") {
    const whole = { width: size, height: size, left: 0, top: 0, windowWidth: size, windowHeight: size };
    return resizeWindow(pixels, whole, scratch).data;
  }
  assert.ok(shortSide >= size, `a centre of ${size} pixels does not fit into a short side of ${shortSide}`);
  const short = Math.min(pixels.width, pixels.height);
  const scaled = (side: number) => Math.trunc((shortSide * side) / short);
  const width = scaled(pixels.width);
  const height = scaled(pixels.height);
  const left = halfToEven(width - size);
  const top = halfToEven(height - size);
  return resizeWindow(pixels, { width, height, left, top, windowWidth: size, windowHeight: size }, scratch).data;
}

/** Half of a whole number, rounded to the nearest; of two that are equally near, to the even one. */
function halfToEven(total: number): number {
  const half = Math.floor(total / 2);
  return total % 2 === 0 || half % 2 === 0 ? half : half + 1;
}
