/** From the light that falls in to 8-bit pixels: focus, exposure, white balance, tone, vignette, noise. Pure. */
import { Rng } from "../../base/rng.ts";
import type { Pixels } from "../../images/index.ts";
import { boxBlur } from "./blur.ts";
import type { Exposure } from "./camera.ts";
import type { Colour } from "./colour.ts";

export interface Development {
  /** Row of sharpest focus, 0 top .. 1 bottom. */
  readonly focus: number;
  /** Blur radius in pixels far from the focus row. */
  readonly depthBlur: number;
  /** Blur radius in pixels everywhere: missed focus, small sensor. */
  readonly blur: number;
  /** Mean brightness aimed at, linear. */
  readonly brightness: number;
  readonly whiteBalance: Colour;
  /** Exponent around middle grey: 1 is neutral. */
  readonly contrast: number;
  readonly saturation: number;
  /** Darkening of the corners, 0..0.6. */
  readonly vignette: number;
  /** Standard deviation of the noise, in 8-bit levels. */
  readonly noise: number;
}

export function chooseDevelopment(rng: Rng): Development {
  const warmth = 0.16 * rng.normal();
  const tint = 0.05 * rng.normal();
  return {
    focus: rng.uniform(0.35, 0.8),
    depthBlur: rng.float() < 0.5 ? rng.uniform(0.5, 4) : 0,
    blur: rng.float() < 0.35 ? rng.uniform(0.5, 2.2) : 0,
    brightness: Math.exp(rng.uniform(Math.log(0.14), Math.log(0.4))),
    whiteBalance: [Math.exp(warmth), Math.exp(tint), Math.exp(-warmth)],
    contrast: rng.uniform(0.85, 1.35),
    saturation: rng.uniform(0.7, 1.3),
    vignette: rng.float() < 0.6 ? rng.uniform(0, 0.55) : 0,
    noise: rng.float() < 0.5 ? rng.uniform(0.5, 3) : rng.uniform(3, 9),
  };
}

/** Develops the picture; the exposure's planes are used up. */
export function develop(exposure: Exposure, settings: Development, rng: Rng): Pixels {
  const { width, height } = exposure;
  const planes = [exposure.red, exposure.green, exposure.blue].map((plane) =>
    focusPlane(plane, width, height, settings),
  );
  const gains = gainsOf(planes, settings);
  const tone = toneCurve(settings.contrast);
  const data = new Uint8Array(width * height * 3);
  const start = rng.int(gaussians.length);
  const { saturation, noise } = settings;
  const expose = (value: number, grey: number, draw: number) => {
    const level = grey + (value - grey) * saturation;
    const step = level <= 0 ? 0 : level >= 3 ? 4095 : (level * 1365) | 0;
    const result = tone[step]! + gaussians[draw & (gaussians.length - 1)]! * noise + 0.5;
    return result < 0 ? 0 : result > 255 ? 255 : result;
  };
  const [red, green, blue] = planes as [Float32Array, Float32Array, Float32Array];
  for (let row = 0; row < height; row++) {
    const y = (2 * row) / height - 1;
    for (let column = 0; column < width; column++) {
      const index = row * width + column;
      const x = (2 * column) / width - 1;
      const corner = 1 - settings.vignette * 0.5 * (x * x + y * y);
      const r = red[index]! * gains[0] * corner;
      const g = green[index]! * gains[1] * corner;
      const b = blue[index]! * gains[2] * corner;
      const grey = 0.3 * r + 0.59 * g + 0.11 * b;
      const draw = start + index * 3;
      data[index * 3] = expose(r, grey, draw);
      data[index * 3 + 1] = expose(g, grey, draw + 1);
      data[index * 3 + 2] = expose(b, grey, draw + 2);
    }
  }
  return { width, height, data };
}

/** Standard normal values; a power of two of them. */
const gaussians = (() => {
  const rng = new Rng("sensor/noise");
  return Float32Array.from({ length: 1 << 16 }, () => rng.normal());
})();

/** Blends the plane with a blurred copy by distance from the row of focus. */
function focusPlane(plane: Float32Array, width: number, height: number, settings: Development): Float32Array {
  const base = settings.blur >= 0.5 ? blurTwice(plane, width, height, settings.blur) : plane;
  if (settings.depthBlur < 0.5) return base;
  const blurred = blurTwice(base, width, height, settings.depthBlur);
  for (let row = 0; row < height; row++) {
    const share = Math.min(1, Math.max(0, Math.abs(row / height - settings.focus) * 2.6 - 0.25));
    for (let index = row * width; index < (row + 1) * width; index++) {
      base[index]! += (blurred[index]! - base[index]!) * share;
    }
  }
  return base;
}

/** Two box blurs are near a tent, which is near a lens. Radii below a whole pixel are blended. */
function blurTwice(plane: Float32Array, width: number, height: number, radius: number): Float32Array {
  const whole = Math.ceil(radius);
  const share = radius / whole;
  const blurred = boxBlur(boxBlur(plane, width, height, whole), width, height, whole > 1 ? whole - 1 : 1);
  for (let i = 0; i < plane.length; i++) blurred[i] = plane[i]! + (blurred[i]! - plane[i]!) * share;
  return blurred;
}

/** Channel factors that bring the mean to the brightness aimed at, with the white balance's cast. */
function gainsOf(planes: readonly Float32Array[], { brightness, whiteBalance }: Development): Colour {
  let sum = 0;
  for (const plane of planes) for (let i = 0; i < plane.length; i += 7) sum += plane[i]!;
  const count = 3 * Math.ceil(planes[0]!.length / 7);
  const gain = brightness / Math.max(1e-4, sum / count);
  return [gain * whiteBalance[0], gain * whiteBalance[1], gain * whiteBalance[2]];
}

/** Linear light 0..3 in 4,096 steps to 8-bit levels: contrast around middle grey, soft shoulder, gamma. */
function toneCurve(contrast: number): Float32Array {
  return Float32Array.from({ length: 4096 }, (_, i) => {
    const light = 0.18 * (i / 1365 / 0.18) ** contrast;
    const shoulder = light < 0.6 ? light : 0.6 + 0.4 * (1 - Math.exp(-(light - 0.6) / 0.4));
    return 255 * Math.min(1, shoulder) ** (1 / 2.2);
  });
}
