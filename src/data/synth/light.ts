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
  return near.map((value, i) => {
    const own = height[i]!;
    const depth = Math.max(0, value - own) * 9 + Math.max(0, far[i]! - own) * 2.6;
    return 1 / (1 + depth);
  });
}

const shadowSteps = 12;

/** 1 in the light .. 0 in shadow. Marched on every second texel towards the light, then spread. */
function castShadows(relief: Relief, light: Light): Float32Array {
  const { columns, rows, texel, height } = relief;
  const flat = Math.hypot(light.x, light.y);
  const rise = light.z / flat;
  const stepX = light.x / flat / texel;
  const stepY = light.y / flat / texel;
  const greatest = height.reduce((a, b) => (a > b ? a : b), 0);
  const farthest = Math.min(1.2, greatest / rise);
  const shadow = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row += 2) {
    for (let column = 0; column < columns; column += 2) {
      const own = height[row * columns + column]!;
      let hidden = 0;
      for (let step = 1; step <= shadowSteps; step++) {
        const distance = farthest * (step / shadowSteps) ** 1.6;
        const level = own + distance * rise;
        if (level > greatest) break;
        const x = Math.round(column + stepX * distance);
        const y = Math.round(row + stepY * distance);
        if (x < 0 || y < 0 || x >= columns || y >= rows) break;
        const over = (height[y * columns + x]! - level) / (light.softness * distance + 0.015);
        if (over > hidden) hidden = over;
      }
      const value = 1 - Math.min(1, hidden * 1.4);
      const index = row * columns + column;
      shadow[index] = value;
      if (column + 1 < columns) shadow[index + 1] = value;
      if (row + 1 < rows) {
        shadow[index + columns] = value;
        if (column + 1 < columns) shadow[index + columns + 1] = value;
      }
    }
  }
  return boxBlur(shadow, columns, rows, Math.max(1, Math.round((0.006 + 0.02 * light.softness) / texel)));
}
