/** The form of a dish: it sets its own vessel into the relief and lays itself in. */
import type { Rng } from "../../../base/rng.ts";
import type { Colour } from "../colour.ts";
import { foodColour, near, scale } from "../colour.ts";
import { cloud } from "../noise.ts";
import { type Material, type Relief, restingHeight, stamp } from "../relief.ts";
import { blob, disc, dome, slab } from "../shapes.ts";
import type { Place, Vessel } from "../vessels.ts";

/** Draws one serving at a place; every choice comes from the generator. */
export type Dish = (relief: Relief, rng: Rng, place: Place) => void;

/** A level of liquid up to the vessel's brim; on a flat vessel a puddle. */
export function pour(relief: Relief, rng: Rng, vessel: Vessel, material: Material): number {
  const level = Math.max(vessel.brim, vessel.floor + 0.025);
  stamp(relief, {
    x: vessel.x,
    y: vessel.y,
    reach: vessel.radius * 1.1,
    base: level - 0.02,
    depth: vessel.brim > vessel.floor ? disc(vessel.radius + 0.01) : blob(vessel.radius, 0.1, rng.uniform(0, 99)),
    rise: slab(0.02, 0.015),
    material,
  });
  return level;
}

/** An irregular lump, resting where it falls; `sunk` is the share of its height that is below. */
export function dropChunk(
  relief: Relief,
  rng: Rng,
  at: { x: number; y: number },
  radius: number,
  { colour, sunk = 0.2, gloss = 0.25 }: { colour: Colour; sunk?: number; gloss?: number },
): void {
  const height = radius * rng.uniform(0.7, 1.2);
  stamp(relief, {
    ...at,
    angle: rng.uniform(0, 6.3),
    reach: radius * 1.4,
    base: restingHeight(relief, at.x, at.y, radius * 0.7) - sunk * height,
    depth: blob(radius, rng.uniform(0.1, 0.4), rng.uniform(0, 256)),
    rise: rng.float() < 0.5 ? dome(height, radius * 0.9) : slab(height * 0.8, radius * 0.4),
    material: {
      colour,
      second: scale(colour, rng.uniform(0.45, 0.8)),
      noise: cloud,
      frequency: 110,
      contrast: 1.6,
      bump: 0.02,
      gloss,
    },
  });
}

/** Two to four colours of which the pieces of a dish are. */
export function pieceColours(rng: Rng): Colour[] {
  return Array.from({ length: 2 + rng.int(3) }, () => near(rng, foodColour(rng)));
}
