/** From a file's own channels to RGB, three bytes a pixel. Pure. */

/** @param grey a byte a pixel */
export function greyToRgb(grey: Uint8Array): Uint8Array {
  const result = new Uint8Array(grey.length * 3);
  for (let i = 0, out = 0; i < grey.length; i++, out += 3) {
    const value = grey[i]!;
    result[out] = value;
    result[out + 1] = value;
    result[out + 2] = value;
  }
  return result;
}

/**
 * Ink to light without a colour profile, as Pillow does (cmyk2rgb in src/libImaging/Convert.c): red is
 * (255 - K) - C * (255 - K) / 255, rounded, and so on.
 * @param cmyk four bytes a pixel, 255 = full ink
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const result = new Uint8Array((cmyk.length / 4) * 3);
  for (let i = 0, out = 0; i < cmyk.length; i += 4, out += 3) {
    const light = 255 - cmyk[i + 3]!;
    for (let ink = 0; ink < 3; ink++) result[out + ink] = light - Math.round((cmyk[i + ink]! * light) / 255);
  }
  return result;
}
