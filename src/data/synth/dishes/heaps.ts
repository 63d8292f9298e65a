/** Heaps and stacks: salad and pancakes. */
import type { Rng } from "../../../base/rng.ts";
import { doughColour, foodColour, leafColour, near, scale } from "../colour.ts";
import { drizzle, dropLeaf, pointIn, season } from "../garnish.ts";
import { cloud, ridge } from "../noise.ts";
import { type Relief, restingHeight, stamp } from "../relief.ts";
import { blob, box, disc, slab } from "../shapes.ts";
import { setAny, setFlat, type Vessel } from "../vessels.ts";
import { type Dish, dropChunk, pieceColours } from "./dish.ts";

/** Leaves of several kinds in a loose heap, with slices and pieces among them. */
export const salad: Dish = (relief, rng, place) => {
  const vessel = setAny(relief, rng, place);
  const radius = vessel.radius * rng.uniform(0.65, 0.95);
  const leaves = [0, 1, 2].map(() => (rng.float() < 0.6 ? leafColour(rng) : foodColour(rng)));
  const length = rng.uniform(0.1, 0.24);
  const colours = pieceColours(rng);
  const count = 30 + rng.int(40);
  const share = rng.uniform(0.1, 0.4);
  for (let i = 0; i < count; i++) {
    const at = pointIn(rng, vessel, radius * (1 - (0.5 * i) / count));
    if (rng.float() < share) layPiece(relief, rng, at, rng.uniform(0.05, 0.11), near(rng, rng.pick(colours)));
    else dropLeaf(relief, rng, at, length * rng.uniform(0.6, 1.3), near(rng, rng.pick(leaves), 0.2));
  }
  season(relief, rng, vessel, radius * 0.8);
};

function layPiece(
  relief: Relief,
  rng: Rng,
  at: { x: number; y: number },
  size: number,
  colour: readonly [number, number, number],
): void {
  if (rng.float() < 0.5) {
    dropChunk(relief, rng, at, size, { colour, sunk: 0.1 });
    return;
  }
  const slope = rng.uniform(-0.4, 0.4);
  stamp(relief, {
    ...at,
    angle: rng.uniform(0, 6.3),
    reach: size * 1.3,
    base: restingHeight(relief, at.x, at.y, size * 0.7),
    depth: disc(size),
    rise: (_depth, u) => 0.03 + slope * u,
    material: {
      colour,
      second: scale(colour, 1.4),
      noise: ridge,
      frequency: 60,
      gloss: 0.4,
      edge: scale(colour, 0.5),
      edgeWidth: 0.018,
    },
  });
}

/** A stack of round cakes with a paler rim, butter or berries on top, syrup. */
export const pancakes: Dish = (relief, rng, place) => {
  const vessel = setFlat(relief, rng, place);
  const dough = doughColour(rng);
  const radius = vessel.radius * rng.uniform(0.55, 0.92);
  const count = 1 + rng.int(5);
  const thickness = rng.uniform(0.05, 0.11);
  const stagger = rng.float() < 0.3 ? 0.3 : 0.06;
  let centre = { x: vessel.x, y: vessel.y };
  for (let i = 0; i < count; i++) {
    const colour = near(rng, dough, 0.08);
    centre = { x: vessel.x + stagger * radius * rng.normal(), y: vessel.y + stagger * radius * rng.normal() };
    stamp(relief, {
      ...centre,
      reach: radius * 1.2,
      base: restingHeight(relief, centre.x, centre.y, radius * 0.5) - 0.005,
      depth: blob(radius * (1 - 0.035 * i) * rng.uniform(0.95, 1.03), 0.03, rng.uniform(0, 99)),
      rise: slab(thickness, thickness * 0.9),
      material: {
        colour,
        second: scale(colour, rng.uniform(0.35, 0.7)),
        noise: cloud,
        frequency: rng.uniform(25, 60),
        contrast: rng.uniform(1, 2.4),
        bump: 0.006,
        gloss: 0.12,
        edge: scale(colour, 1.35),
        edgeWidth: 0.07,
      },
    });
  }
  topPancakes(relief, rng, { ...vessel, ...centre }, radius);
};

function topPancakes(relief: Relief, rng: Rng, vessel: Vessel, radius: number): void {
  const kind = rng.float();
  if (kind < 0.4) {
    const at = pointIn(rng, vessel, radius * 0.3);
    const size = rng.uniform(0.06, 0.13);
    stamp(relief, {
      ...at,
      angle: rng.uniform(0, 3),
      reach: size * 1.5,
      base: restingHeight(relief, at.x, at.y, size),
      depth: box(size, size * 0.8, 0.02),
      rise: slab(size * 0.7, 0.02),
      material: { colour: near(rng, foodColour(rng)), gloss: 0.5 },
    });
  }
  if (rng.float() < 0.45) pourSyrup(relief, rng, vessel, radius);
  if (kind > 0.5) {
    const colours = pieceColours(rng);
    for (let i = 3 + rng.int(8); i > 0; i--)
      dropChunk(relief, rng, pointIn(rng, vessel, radius * 0.7), rng.uniform(0.04, 0.09), {
        colour: near(rng, rng.pick(colours)),
        sunk: 0,
      });
  }
  season(relief, rng, vessel, radius * 0.7);
}

function pourSyrup(relief: Relief, rng: Rng, vessel: Vessel, radius: number): void {
  const colour = foodColour(rng);
  if (rng.float() < 0.4) {
    drizzle(relief, rng, vessel, radius * 0.9, colour);
    return;
  }
  stamp(relief, {
    ...pointIn(rng, vessel, radius * 0.3),
    reach: radius * 1.3,
    coat: true,
    opacity: 0.75,
    depth: blob(radius * rng.uniform(0.5, 0.8), 0.6, rng.uniform(0, 99)),
    rise: slab(0.012, 0.02),
    material: { colour, gloss: 0.9 },
  });
}
