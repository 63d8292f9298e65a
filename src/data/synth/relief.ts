/**
 * The scene as a relief: over a grid of the table's plane, the height of what lies there, its colour and its gloss.
 * Dishes are built by stamping shapes into it; light.ts shades it and camera.ts looks at it from an angle.
 * World units: a dinner plate has a radius of about 1. x to the right, y towards the viewer, height upwards.
 */

import type { Colour } from "./colour.ts";
import { cloud, type NoiseTile, sampleNoise } from "./noise.ts";

export interface Relief {
  readonly columns: number;
  readonly rows: number;
  /** World units a grid step. */
  readonly texel: number;
  /** World position of the first column and row. */
  readonly left: number;
  readonly top: number;
  readonly height: Float32Array;
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
  /** Strength and sharpness of highlights, 0 matt .. 1 wet. */
  readonly gloss: Float32Array;
}

/** What a surface is like: two colours mixed by noise, bumps, gloss, and a tint towards the edge of its shape. */
export interface Material {
  readonly colour: Colour;
  readonly second?: Colour;
  readonly noise?: NoiseTile;
  /** Noise texels for each world unit. */
  readonly frequency?: number;
  /** 1 is the plain mix; above, patches with edges. */
  readonly contrast?: number;
  /** Moves the mix towards the second colour (positive) or the first. */
  readonly bias?: number;
  /** World units of height that the noise adds. */
  readonly bump?: number;
  readonly gloss?: number;
  readonly edge?: Colour;
  /** World units over which the edge's tint fades inwards. */
  readonly edgeWidth?: number;
}

export interface Stamp {
  readonly x: number;
  readonly y: number;
  /** Radians. */
  readonly angle?: number;
  /** Radius of a circle that contains the shape, world units. */
  readonly reach: number;
  /** Distance of a point inside the shape from its edge, negative outside, world units, in the stamp's own frame. */
  readonly depth: (u: number, v: number) => number;
  /** Height above `base` at a depth inside the shape. */
  readonly rise: (depth: number, u: number, v: number) => number;
  /** Height on which it stands; of a coat, ignored: that lies on whatever is there. */
  readonly base?: number;
  readonly material: Material;
  /** A coat adds its rise to what is there; a solid hides what is lower than itself. */
  readonly coat?: boolean;
  /** Of a coat, 0..1. */
  readonly opacity?: number;
}

export function createRelief(size: Pick<Relief, "columns" | "rows" | "texel" | "left" | "top">): Relief {
  const plane = () => new Float32Array(size.columns * size.rows);
  return { ...size, height: plane(), red: plane(), green: plane(), blue: plane(), gloss: plane() };
}

/** Writes a shape into the relief; parts outside the grid are cut off. */
export function stamp(relief: Relief, item: Stamp): void {
  const { columns, texel, left, top } = relief;
  const { x, y, reach, depth, rise, material, coat = false, opacity = 1, base = 0 } = item;
  const cos = Math.cos(item.angle ?? 0);
  const sin = Math.sin(item.angle ?? 0);
  const { from: fromColumn, to: toColumn } = span(x, reach, left, texel, columns);
  const { from: fromRow, to: toRow } = span(y, reach, top, texel, relief.rows);
  const paint = painter(material, x * 37.1 + y * 91.7);
  for (let row = fromRow; row < toRow; row++) {
    const dy = top + row * texel - y;
    for (let column = fromColumn; column < toColumn; column++) {
      const dx = left + column * texel - x;
      const u = dx * cos + dy * sin;
      const v = dy * cos - dx * sin;
      const inside = depth(u, v);
      const cover = Math.min(1, inside / texel + 0.5);
      if (cover <= 0) continue;
      const index = row * columns + column;
      const below = relief.height[index]!;
      const tone = paint.tone(u, v);
      const own = rise(inside, u, v) + paint.bump * (tone - 0.5);
      const level = coat ? below + own : base + own;
      if (level < below && !coat) continue;
      const share = cover * opacity;
      relief.height[index] = below + (level - below) * (coat ? share : cover);
      paint.apply(relief, index, share, tone, inside);
    }
  }
}

/** Mean height at the middle and four points around it: where a piece comes to rest. */
export function restingHeight(relief: Relief, x: number, y: number, radius: number): number {
  const at = (px: number, py: number) => heightAt(relief, px, py);
  const around = at(x - radius, y) + at(x + radius, y) + at(x, y - radius) + at(x, y + radius);
  return (2 * at(x, y) + around) / 6;
}

/** Height at a world position; the nearest edge's outside the grid. */
export function heightAt(relief: Relief, x: number, y: number): number {
  const column = Math.min(relief.columns - 1, Math.max(0, Math.round((x - relief.left) / relief.texel)));
  const row = Math.min(relief.rows - 1, Math.max(0, Math.round((y - relief.top) / relief.texel)));
  return relief.height[row * relief.columns + column]!;
}

function span(centre: number, reach: number, start: number, texel: number, count: number) {
  const from = Math.max(0, Math.floor((centre - reach - start) / texel));
  const to = Math.min(count, Math.ceil((centre + reach - start) / texel) + 1);
  return { from, to };
}

interface Painter {
  readonly bump: number;
  /** Share of the second colour, 0..1, at a point of the stamp's frame. */
  tone(u: number, v: number): number;
  /** Blends the material into the relief with weight `share`. */
  apply(relief: Relief, index: number, share: number, tone: number, inside: number): void;
}

/** A material with its defaults resolved; `offset` moves its noise, so that equal pieces differ. */
export function painter(material: Material, offset: number): Painter {
  const { colour, second = colour, noise = cloud, frequency = 60, contrast = 1, bias = 0, gloss = 0.1 } = material;
  const { edge = colour, edgeWidth = 0, bump = 0 } = material;
  const [red, green, blue] = colour;
  const deltaRed = second[0] - red;
  const deltaGreen = second[1] - green;
  const deltaBlue = second[2] - blue;
  return {
    bump,
    tone(u, v) {
      const value = sampleNoise(noise, u * frequency + offset, v * frequency - offset);
      return Math.min(1, Math.max(0, (value - 0.5) * contrast + 0.5 + bias));
    },
    apply(relief, index, share, tone, inside) {
      let r = red + deltaRed * tone;
      let g = green + deltaGreen * tone;
      let b = blue + deltaBlue * tone;
      if (edgeWidth > 0 && inside < edgeWidth) {
        const tint = 1 - Math.max(0, inside) / edgeWidth;
        r += (edge[0] - r) * tint;
        g += (edge[1] - g) * tint;
        b += (edge[2] - b) * tint;
      }
      relief.red[index]! += (r - relief.red[index]!) * share;
      relief.green[index]! += (g - relief.green[index]!) * share;
      relief.blue[index]! += (b - relief.blue[index]!) * share;
      relief.gloss[index]! += (gloss - relief.gloss[index]!) * share;
    },
  };
}
