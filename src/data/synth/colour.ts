/** Colours as linear light, and the palettes that dishes, plates and tables share so that none gives a class away. */
import type { Rng } from "../../base/rng.ts";

/** Linear red, green, blue; reflectance 0..1. */
export type Colour = readonly [number, number, number];

/** From hue in degrees, saturation and value 0..1 (sRGB's HSV) to linear light. */
export function hsv(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number) => {
    const k = (offset + hue / 60 + 12) % 6;
    return linear(value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

/** sRGB 0..1 to linear, by the plain power that is near enough for paint. */
function linear(value: number): number {
  return Math.max(0, value) ** 2.2;
}

export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Brighter or darker by a factor, kept below 0.95. */
export function scale(colour: Colour, factor: number): Colour {
  return [Math.min(0.95, colour[0] * factor), Math.min(0.95, colour[1] * factor), Math.min(0.95, colour[2] * factor)];
}

type Band = readonly [
  hue: readonly [number, number],
  saturation: readonly [number, number],
  value: readonly [number, number],
];

function fromBand(rng: Rng, [hue, saturation, value]: Band): Colour {
  return hsv(rng.uniform(...hue), rng.uniform(...saturation), rng.uniform(...value));
}

/** What food is coloured like, whatever the dish. */
const foodBands: readonly Band[] = [
  [
    [24, 40],
    [0.45, 0.75],
    [0.55, 0.85],
  ], // baked, golden
  [
    [14, 30],
    [0.5, 0.8],
    [0.25, 0.5],
  ], // roasted, brown
  [
    [2, 16],
    [0.7, 0.92],
    [0.55, 0.85],
  ], // tomato, paprika
  [
    [30, 45],
    [0.65, 0.9],
    [0.75, 0.95],
  ], // pumpkin, cheese, egg
  [
    [38, 55],
    [0.12, 0.35],
    [0.8, 0.95],
  ], // cream, rice, dough
  [
    [70, 115],
    [0.45, 0.8],
    [0.3, 0.7],
  ], // leaves, herbs, peas
  [
    [330, 358],
    [0.5, 0.85],
    [0.3, 0.65],
  ], // beetroot, berries
  [
    [12, 30],
    [0.4, 0.7],
    [0.12, 0.28],
  ], // chocolate, soy, char
];

/** Any food colour. */
export function foodColour(rng: Rng): Colour {
  return fromBand(rng, rng.pick(foodBands));
}

/** Golden to brown or pale: doughs and crusts, sometimes coloured by cocoa, spinach or beetroot. */
export function doughColour(rng: Rng): Colour {
  if (rng.float() < 0.3) return foodColour(rng);
  return hsv(rng.uniform(22, 42), rng.uniform(0.35, 0.72), rng.uniform(0.5, 0.93));
}

export function leafColour(rng: Rng): Colour {
  return rng.float() < 0.25
    ? hsv(rng.uniform(300, 350), rng.uniform(0.3, 0.7), rng.uniform(0.25, 0.5))
    : fromBand(rng, foodBands[5]!);
}

/** A colour near another: the pieces of one kind in one dish. */
export function near(rng: Rng, [red, green, blue]: Colour, spread = 0.15): Colour {
  const brightness = 1 + spread * rng.normal();
  const vary = (value: number) =>
    Math.min(0.95, Math.max(0.004, value * brightness * (1 + 0.5 * spread * rng.normal())));
  return [vary(red), vary(green), vary(blue)];
}

/** Glazes of plates and bowls: mostly white and grey, some dark, some coloured. */
export function glazeColour(rng: Rng): Colour {
  const kind = rng.float();
  if (kind < 0.4) return hsv(rng.uniform(20, 60), rng.uniform(0, 0.1), rng.uniform(0.8, 0.97));
  if (kind < 0.6) return hsv(rng.uniform(0, 360), rng.uniform(0, 0.15), rng.uniform(0.15, 0.45));
  return hsv(rng.uniform(0, 360), rng.uniform(0.15, 0.6), rng.uniform(0.3, 0.9));
}

/** Table tops and cloths: any hue, mostly muted. */
export function surfaceColour(rng: Rng): Colour {
  if (rng.float() < 0.45) return hsv(rng.uniform(15, 45), rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.8));
  return hsv(rng.uniform(0, 360), rng.uniform(0, 0.45), rng.uniform(0.12, 0.92));
}
