/** Contrast and saturation of Pillow's ImageEnhance (13.0.0): blends with a flat grey, and with the picture in grey. Pure. */

/** In place; each result is limited to 0..255 and rounded down, as Pillow blends bytes. @param data RGB, three bytes a pixel */
export function enhanceContrast(data: Uint8Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += greyOf(data, i);
  const grey = Math.trunc(sum / (data.length / 3) + 0.5);
  const levels = Uint8Array.from({ length: 256 }, (_, value) => blend(grey, value, factor));
  for (let i = 0; i < data.length; i++) data[i] = levels[data[i]!]!;
}

/** In place: 0 is grey, 1 changes nothing. */
export function enhanceSaturation(data: Uint8Array, factor: number): void {
  const amount = Math.fround(factor);
  for (let i = 0; i < data.length; i += 3) {
    const grey = greyOf(data, i);
    for (let channel = 0; channel < 3; channel++) data[i + channel] = blend(grey, data[i + channel]!, amount);
  }
}

/** ITU-R 601-2 luma in 16-bit fixed point (rgb2l in src/libImaging/Convert.c). */
function greyOf(data: Uint8Array, at: number): number {
  return (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
}

/** ImagingBlend: from + factor (to - from) in float32, limited, cut to a whole level. */
function blend(from: number, to: number, factor: number): number {
  const value = Math.fround(from + Math.fround(Math.fround(factor) * (to - from)));
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
}
