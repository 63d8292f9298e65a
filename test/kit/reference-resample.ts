/** The resize of src/images/resample.ts in plain TypeScript, step by step as Pillow does it: what WebAssembly has to give. */
import { type Coefficients, coefficientsFor, precisionBits } from "../../src/images/coefficients.ts";
import type { Pixels } from "../../src/images/pixels.ts";
import type { ResizeWindow } from "../../src/images/resample.ts";

/** The same bytes as resizing everything and cropping, but only the window is computed. */
export function referenceResize(pixels: Pixels, window: ResizeWindow): Pixels {
  const { left, top, windowWidth, windowHeight } = window;
  const across = coefficientsFor(pixels.width, window.width, left, left + windowWidth);
  const down = coefficientsFor(pixels.height, window.height, top, top + windowHeight);
  if (isVerticalFirst(pixels, window)) return pass(pass(pixels, down, "down"), across, "across");
  const firstRow = down.first[0]!;
  const needed = rowsOf(pixels, firstRow, down.first.at(-1)! + down.count.at(-1)!);
  return pass(pass(needed, across, "across"), down, "down", firstRow);
}

/**
 * Pillow 13 begins with the height where it loses more than twice as many pixels as the width; earlier versions always
 * begin with the width. Where the order differs, levels differ by a few.
 */
function isVerticalFirst(pixels: Pixels, { width, height }: ResizeWindow): boolean {
  const lost = pixels.height - height;
  return lost > 0 && lost > 2 * (pixels.width - width);
}

/** Rows `from` to before `to`, without copying. */
function rowsOf({ width, data }: Pixels, from: number, to: number): Pixels {
  return { width, height: to - from, data: data.subarray(from * width * 3, to * width * 3) };
}

/**
 * Resamples one axis.
 * @param offset position of the coefficients' input at which the picture begins
 */
function pass(
  { data, width, height }: Pixels,
  coefficients: Coefficients,
  axis: "across" | "down",
  offset = 0,
): Pixels {
  const { taps, first, count, weights } = coefficients;
  const isAcross = axis === "across";
  const outputWidth = isAcross ? first.length : width;
  const outputHeight = isAcross ? height : first.length;
  const step = isAcross ? 3 : width * 3;
  const half = 1 << (precisionBits - 1);
  const result = new Uint8ClampedArray(outputWidth * outputHeight * 3);
  let out = 0;
  for (let y = 0; y < outputHeight; y++) {
    for (let x = 0; x < outputWidth; x++) {
      const position = isAcross ? x : y;
      const start = first[position]! - offset;
      let at = (isAcross ? y * width + start : start * width + x) * 3;
      const end = position * taps + count[position]!;
      let red = half;
      let green = half;
      let blue = half;
      for (let i = position * taps; i < end; i++, at += step) {
        const weight = weights[i]!;
        red = (red + Math.imul(data[at]!, weight)) | 0;
        green = (green + Math.imul(data[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(data[at + 2]!, weight)) | 0;
      }
      result[out++] = red >> precisionBits;
      result[out++] = green >> precisionBits;
      result[out++] = blue >> precisionBits;
    }
  }
  return { width: outputWidth, height: outputHeight, data: new Uint8Array(result.buffer) };
}
