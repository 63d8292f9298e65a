/** What everything stands on: wood, cloth, stone, plain and chequered tops. */
import type { Rng } from "../../base/rng.ts";
import { type Colour, mix, scale, surfaceColour } from "./colour.ts";
import { cloud, grain, type NoiseTile, ridge, sampleNoise } from "./noise.ts";
import type { Relief } from "./relief.ts";

/** Share of the second colour and height of a table's surface at a point; written, not returned, for speed. */
interface Surface {
  tone: number;
  height: number;
}

type SurfaceKind = (rng: Rng) => (x: number, y: number, out: Surface) => void;

const kinds: readonly SurfaceKind[] = [wood, wood, cloth, stone, plain, chequered];

/** Covers the whole relief with a table top. */
export function layTable(relief: Relief, rng: Rng): void {
  const first = surfaceColour(rng);
  const second = rng.float() < 0.7 ? scale(first, rng.uniform(0.35, 1.5)) : mix(first, surfaceColour(rng), 0.7);
  const at = rng.pick(kinds)(rng);
  const gloss = rng.float() < 0.5 ? 0.02 : rng.uniform(0.05, 0.35);
  const angle = rng.uniform(0, Math.PI);
  paint(relief, [first, second], gloss, angle, at);
}

function paint(
  relief: Relief,
  [first, second]: readonly [Colour, Colour],
  gloss: number,
  angle: number,
  at: (x: number, y: number, out: Surface) => void,
): void {
  const { columns, rows, texel, left, top } = relief;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const surface: Surface = { tone: 0, height: 0 };
  for (let row = 0; row < rows; row++) {
    const y = top + row * texel;
    for (let column = 0; column < columns; column++) {
      const x = left + column * texel;
      at(x * cos + y * sin, y * cos - x * sin, surface);
      const index = row * columns + column;
      const tone = Math.min(1, Math.max(0, surface.tone));
      relief.red[index] = first[0] + (second[0] - first[0]) * tone;
      relief.green[index] = first[1] + (second[1] - first[1]) * tone;
      relief.blue[index] = first[2] + (second[2] - first[2]) * tone;
      relief.height[index] = surface.height;
      relief.gloss[index] = gloss;
    }
  }
}

function wood(rng: Rng) {
  const plank = rng.uniform(0.35, 1.4);
  const stretch = rng.uniform(0.06, 0.14);
  const offset = rng.uniform(0, 256);
  return (x: number, y: number, out: Surface) => {
    const board = Math.floor(y / plank);
    const shift = board * 71.3 + offset;
    const fibre = sampleNoise(cloud, x * 90 * stretch + shift, y * 110);
    const vein = sampleNoise(ridge, x * 60 * stretch + shift, y * 40 + shift);
    const gap = y / plank - board < 0.02 ? 1 : 0;
    out.tone = 0.75 * fibre + 0.45 * vein ** 3 - 0.1 + 0.25 * Math.sin(board * 12.9) + gap;
    out.height = gap > 0 ? 0 : 0.004 + 0.004 * fibre;
  };
}

function cloth(rng: Rng) {
  const weave = rng.uniform(120, 260);
  const wrinkle = rng.uniform(0.01, 0.05);
  const offset = rng.uniform(0, 256);
  const stripe = rng.float() < 0.4 ? rng.uniform(3, 14) : 0;
  return (x: number, y: number, out: Surface) => {
    const thread = 0.5 + 0.25 * (Math.sin(x * weave) + Math.sin(y * weave));
    const fold = sampleNoise(ridge, x * 14 + offset, y * 14);
    out.tone = 0.3 * thread + (stripe > 0 && Math.sin(x * stripe) > 0.3 ? 0.7 : 0);
    out.height = wrinkle * fold * fold + 0.003 * thread;
  };
}

function stone(rng: Rng) {
  const offset = rng.uniform(0, 256);
  const frequency = rng.uniform(12, 40);
  const sharpness = rng.uniform(2, 9);
  return (x: number, y: number, out: Surface) => {
    const warp = 18 * sampleNoise(cloud, x * 20 + offset, y * 20);
    const vein = sampleNoise(ridge, x * frequency + warp, y * frequency + offset);
    out.tone = vein ** sharpness + 0.3 * sampleNoise(grain, x * 90, y * 90);
    out.height = 0;
  };
}

function plain(rng: Rng) {
  const offset = rng.uniform(0, 256);
  const strength = rng.uniform(0.05, 0.5);
  return (x: number, y: number, out: Surface) => {
    const speck = sampleNoise(grain, x * 120 + offset, y * 120);
    out.tone = strength * (0.6 * sampleNoise(cloud, x * 25, y * 25 + offset) + 0.4 * speck);
    out.height = 0.002 * speck;
  };
}

function chequered(rng: Rng) {
  const side = rng.uniform(0.12, 0.7);
  const weave: NoiseTile = grain;
  return (x: number, y: number, out: Surface) => {
    const one = ((x / side) & 1) === 0 ? 0 : 0.5;
    const other = ((y / side) & 1) === 0 ? 0 : 0.5;
    const thread = sampleNoise(weave, x * 150, y * 150);
    out.tone = one + other + 0.15 * (thread - 0.5);
    out.height = 0.003 * thread;
  };
}
