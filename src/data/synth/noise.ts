/**
 * Tileable noise, made once and looked up: a lookup costs a few nanoseconds where computing octaves would cost a
 * hundred. Variety comes from each use's own offset, scale and angle. Pure and the same on every machine.
 */
import { Rng } from "../../base/rng.ts";

/** Texels a side; a power of two, so that wrapping is a mask. */
const side = 256;
const mask = side - 1;

/** side x side values in 0..1. One unit of the lookup's coordinates is one texel. */
export type NoiseTile = Float32Array;

/** Value noise (lattice values, smoothstep between) of one period. */
function addOctave(tile: NoiseTile, cells: number, amplitude: number, rng: Rng): void {
  const lattice = Float32Array.from({ length: cells * cells }, () => rng.float());
  const step = side / cells;
  for (let row = 0; row < side; row++) {
    const y = Math.floor(row / step);
    const fy = smooth(row / step - y);
    const above = y * cells;
    const below = ((y + 1) % cells) * cells;
    for (let column = 0; column < side; column++) {
      const x = Math.floor(column / step);
      const fx = smooth(column / step - x);
      const right = (x + 1) % cells;
      const top = lattice[above + x]! * (1 - fx) + lattice[above + right]! * fx;
      const bottom = lattice[below + x]! * (1 - fx) + lattice[below + right]! * fx;
      tile[row * side + column]! += amplitude * (top * (1 - fy) + bottom * fy);
    }
  }
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Stretches the values to 0..1. */
function normalise(tile: NoiseTile): NoiseTile {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of tile) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return tile.map((value) => (value - least) / (most - least));
}

function makeFractal(seed: string, firstCells: number, octaves: number, gain: number): NoiseTile {
  const tile = new Float32Array(side * side);
  const rng = new Rng(seed);
  for (let octave = 0; octave < octaves; octave++) addOctave(tile, firstCells << octave, gain ** octave, rng);
  return normalise(tile);
}

/** Distance to the nearest of scattered points (Worley's F1): cells, crumb, holes. */
function makeCells(seed: string, cells: number): NoiseTile {
  const tile = new Float32Array(side * side);
  const rng = new Rng(seed);
  const points = Float32Array.from({ length: cells * cells * 2 }, () => rng.float());
  const step = side / cells;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      tile[row * side + column] = nearestPoint(points, cells, column / step, row / step);
    }
  }
  return normalise(tile);
}

function nearestPoint(points: Float32Array, cells: number, x: number, y: number): number {
  const cellX = Math.floor(x);
  const cellY = Math.floor(y);
  let nearest = Number.POSITIVE_INFINITY;
  for (let j = cellY - 1; j <= cellY + 1; j++) {
    for (let i = cellX - 1; i <= cellX + 1; i++) {
      const at = (((j + cells) % cells) * cells + ((i + cells) % cells)) * 2;
      const dx = i + points[at]! - x;
      const dy = j + points[at + 1]! - y;
      nearest = Math.min(nearest, dx * dx + dy * dy);
    }
  }
  return Math.sqrt(nearest);
}

/** Soft clouds: five octaves. */
export const cloud: NoiseTile = makeFractal("noise/cloud", 4, 6, 0.55);
/** Fine grain: crumb, pores, fibres. */
export const grain: NoiseTile = makeFractal("noise/grain", 32, 3, 0.8);
/** Lines where clouds cross their middle: cracks, veins, wrinkles. */
export const ridge: NoiseTile = makeFractal("noise/ridge", 6, 5, 0.6).map((value) => 1 - Math.abs(2 * value - 1));
/** Round cells of about 16 texels. */
export const cell: NoiseTile = makeCells("noise/cell", 16);

/** Bilinear lookup with wrapping at any finite coordinates. */
export function sampleNoise(tile: NoiseTile, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const top = (y0 & mask) * side;
  const bottom = ((y0 + 1) & mask) * side;
  const left = x0 & mask;
  const right = (x0 + 1) & mask;
  const upper = tile[top + left]! + (tile[top + right]! - tile[top + left]!) * fx;
  const lower = tile[bottom + left]! + (tile[bottom + right]! - tile[bottom + left]!) * fx;
  return upper + (lower - upper) * fy;
}
