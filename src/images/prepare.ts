/** From a decoded photo to a model's input, as the model's preprocessing says. */
import type { Preprocessing } from "../records/preprocessing.ts";
import type { Pixels } from "./pixels.ts";
import { resizePixels, resizeWindow } from "./resample.ts";

/**
 * Pixels [size, size, 3], RGB bytes.
 * stretch: the whole photo. crop: the short side becomes `shortSide` (the long one rounded down, as torchvision does),
 * then the centre, its offset rounded to the nearest pixel, halves to even.
 */
export function preparePhoto(pixels: Pixels, { size, resize, shortSide }: Preprocessing): Uint8Array {
  if (resize === "stretch") return resizePixels(pixels, size, size).data;
  const short = Math.min(pixels.width, pixels.height);
  const scaled = (side: number) => (side === short ? shortSide : Math.trunc((shortSide * side) / short));
  const width = scaled(pixels.width);
  const height = scaled(pixels.height);
  const window = { left: centred(width, size), top: centred(height, size), windowWidth: size, windowHeight: size };
  return resizeWindow(pixels, { width, height, ...window }).data;
}

function centred(outer: number, inner: number): number {
  const exact = (outer - inner) / 2;
  const rounded = Math.round(exact);
  return exact % 1 === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
