/** Lights a relief: one key light with soft shadows, ambient light that reaches hollows less, highlights. Pure. */
import type { Rng } from "../../base/rng.ts";
import { boxBlur } from "./blur.ts";
import type { Colour } from "./colour.ts";
import type { Relief } from "./relief.ts";

export interface Light {
  /** Unit vector towards the key light; z upwards. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly key: Colour;
  readonly ambient: Colour;
  /** Width of the shadows' edges, 0.1 (lamp) .. 1.5 (window). */
  readonly softness: number;
}

/** Daylight from a window, a lamp above, evening light; strong and weak. */
export function chooseLight(rng: Rng): Light {
  const azimuth = rng.uniform(0, 2 * Math.PI);
  const elevation = rng.uniform(0.4, 1.25);
  const warmth = rng.uniform(-0.25, 0.35);
  const strength = rng.uniform(0.5, 1.5);
  const fill = rng.uniform(0.25, 0.9);
  return {
    x: Math.cos(azimuth) * Math.cos(elevation),
    y: Math.sin(azimuth) * Math.cos(elevation),
    z: Math.sin(elevation),
    key: [strength * (1 + warmth), strength, strength * (1 - warmth)],
    ambient: [fill * (1 - 0.3 * warmth), fill, fill * (1 + 0.3 * warmth)],
    softness: rng.uniform(0.15, 1.2),
  };
}

/** Replaces the relief's colours by the light that leaves it towards a viewer at `tilt` radians from above. */
export function shade(relief: Relief, light: Light, tilt: number): void {
  const { columns, rows, height, red, green, blue, gloss } = relief;
  const shadow = castShadows(relief, light);
  const hollow = hollows(relief);
  const slope = 1 / (2 * relief.texel);
  const viewY = Math.sin(tilt);
  const viewZ = Math.cos(tilt);
  const halfLength = Math.hypot(light.x, light.y + viewY, light.z + viewZ);
  const halfX = light.x / halfLength;
  const halfY = (light.y + viewY) / halfLength;
  const halfZ = (light.z + viewZ) / halfLength;
  for (let row = 0; row < rows; row++) {
    const up = row > 0 ? -columns : 0;
    const down = row < rows - 1 ? columns : 0;
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      const left = column > 0 ? -1 : 0;
      const right = column < columns - 1 ? 1 : 0;
      const gradientX = (height[index + right]! - height[index + left]!) * slope;
      const gradientY = (height[index + down]! - height[index + up]!) * slope;
      const normalZ = 1 / Math.sqrt(1 + gradientX * gradientX + gradientY * gradientY);
      const normalX = -gradientX * normalZ;
      const normalY = -gradientY * normalZ;
      const facing = (normalX * light.x + normalY * light.y + normalZ * light.z + 0.15) / 1.15;
      const lit = facing > 0 ? facing * shadow[index]! : 0;
      const open = hollow[index]! * (0.5 + 0.5 * normalZ);
      const shine = gloss[index]!;
      let mirror = 0;
      if (shine > 0.02 && lit > 0) {
        const aligned = normalX * halfX + normalY * halfY + normalZ * halfZ;
        if (aligned > 0.7) mirror = shine * shadow[index]! * aligned ** (8 + 110 * shine) * (0.3 + 1.2 * shine);
      }
      const sky = shine * 0.05 * open;
      red[index] = red[index]! * (light.ambient[0] * open + light.key[0] * lit) + light.key[0] * mirror + sky;
      green[index] = green[index]! * (light.ambient[1] * open + light.key[1] * lit) + light.key[1] * mirror + sky;
      blue[index] = blue[index]! * (light.ambient[2] * open + light.key[2] * lit) + light.key[2] * mirror + sky;
    }
  }
}

/** Share of ambient light that reaches each point: less where the surroundings are higher, near and far. */
function hollows({ columns, rows, height, texel }: Relief): Float32Array {
  const near = boxBlur(height, columns, rows, Math.max(1, Math.round(0.035 / texel)));
  const far = boxBlur(near, columns, rows, Math.max(1, Math.round(0.16 / texel)));
  const open = new Float32Array(height.length);
  for (let i = 0; i < open.length; i++) {
    const nearDepth = near[i]! - height[i]!;
    const farDepth = far[i]! - height[i]!;
    open[i] = 1 / (1 + (nearDepth > 0 ? 9 * nearDepth : 0) + (farDepth > 0 ? 2.6 * farDepth : 0));
  }
  return open;
}

const shadowSteps = 10;
/** Shadows are soft: every third texel is enough. */
const coarse = 3;

/** 1 in the light .. 0 in shadow. Marched on a coarser grid towards the light, then spread. */
function castShadows(relief: Relief, light: Light): Float32Array {
  const field = coarseHeights(relief);
  const flat = Math.hypot(light.x, light.y);
  const rise = light.z / flat;
  const greatest = field.height.reduce((a, b) => (a > b ? a : b), 0);
  const farthest = Math.min(1.2, greatest / rise);
  const steps = Array.from({ length: shadowSteps }, (_, i) => {
    const distance = farthest * ((i + 1) / shadowSteps) ** 1.6;
    const cells = distance / (relief.texel * coarse);
    return {
      columns: Math.round((light.x / flat) * cells),
      rows: Math.round((light.y / flat) * cells),
      climb: distance * rise,
      weight: 1.4 / (light.softness * distance + 0.015),
    };
  });
  const lit = new Float32Array(field.height.length);
  for (let row = 0; row < field.rows; row++) {
    for (let column = 0; column < field.columns; column++) {
      const own = field.height[row * field.columns + column]!;
      let hidden = 0;
      for (const step of steps) {
        const x = column + step.columns;
        const y = row + step.rows;
        if (own + step.climb > greatest || x < 0 || y < 0 || x >= field.columns || y >= field.rows) break;
        const over = (field.height[y * field.columns + x]! - own - step.climb) * step.weight;
        if (over > hidden) hidden = over;
      }
      lit[row * field.columns + column] = hidden >= 1 ? 0 : 1 - hidden;
    }
  }
  return spread(boxBlur(lit, field.columns, field.rows, light.softness > 0.6 ? 2 : 1), field.columns, relief);
}

function coarseHeights({ columns, rows, height }: Relief) {
  const own = { columns: Math.ceil(columns / coarse), rows: Math.ceil(rows / coarse) };
  const heights = new Float32Array(own.columns * own.rows);
  for (let row = 0; row < own.rows; row++) {
    for (let column = 0; column < own.columns; column++) {
      heights[row * own.columns + column] = height[row * coarse * columns + column * coarse]!;
    }
  }
  return { ...own, height: heights };
}

/** The coarse plane at every texel, linearly between. */
function spread(plane: Float32Array, planeColumns: number, { columns, rows }: Relief): Float32Array {
  const planeRows = plane.length / planeColumns;
  const result = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const y = row / coarse;
    const top = (y | 0) * planeColumns;
    const bottom = Math.min(planeRows - 1, (y | 0) + 1) * planeColumns;
    const fy = y - (y | 0);
    for (let column = 0; column < columns; column++) {
      const x = column / coarse;
      const left = x | 0;
      const right = Math.min(planeColumns - 1, left + 1);
      const fx = x - left;
      const upper = plane[top + left]! + (plane[top + right]! - plane[top + left]!) * fx;
      const lower = plane[bottom + left]! + (plane[bottom + right]! - plane[bottom + left]!) * fx;
      result[row * columns + column] = upper + (lower - upper) * fy;
    }
  }
  return result;
}
