/** What is served in bowls: soup and stew, a pair that is easily confused, and noodles. */
import type { Rng } from "../../../base/rng.ts";
import { type Colour, foodColour, mix, near, scale } from "../colour.ts";
import { pointIn, season } from "../garnish.ts";
import { type Relief, stamp } from "../relief.ts";
import { disc, dome } from "../shapes.ts";
import { stampStrand } from "../strand.ts";
import { setAny, setDeep, type Vessel } from "../vessels.ts";
import { type Dish, dropChunk, pieceColours, pour } from "./dish.ts";

/** A smooth liquid; swirls of cream, drops of oil, a few pieces that float. */
export const soup: Dish = (relief, rng, place) => {
  const vessel = setDeep(relief, rng, place);
  const colour = foodColour(rng);
  pour(relief, rng, vessel, {
    colour,
    second: scale(colour, rng.uniform(0.65, 1.2)),
    frequency: rng.uniform(15, 60),
    contrast: rng.uniform(0.5, 2),
    bump: rng.uniform(0, 0.006),
    gloss: rng.uniform(0.4, 1),
  });
  if (rng.float() < 0.4) swirl(relief, rng, vessel);
  if (rng.float() < 0.4) oilDrops(relief, rng, vessel, colour);
  const colours = pieceColours(rng);
  for (let count = rng.int(9); count > 0; count--) {
    const at = pointIn(rng, vessel, vessel.radius * 0.75);
    dropChunk(relief, rng, at, rng.uniform(0.03, 0.08), { colour: near(rng, rng.pick(colours)), sunk: 0.7 });
  }
  season(relief, rng, vessel, vessel.radius * 0.6);
};

function swirl(relief: Relief, rng: Rng, vessel: Vessel): void {
  const colour = rng.float() < 0.6 ? mix([0.85, 0.8, 0.68], foodColour(rng), 0.2) : foodColour(rng);
  const centre = pointIn(rng, vessel, vessel.radius * 0.3);
  const turns = rng.uniform(1, 3);
  const reach = vessel.radius * rng.uniform(0.3, 0.65);
  const thickness = rng.uniform(0.015, 0.04);
  const level = Math.max(vessel.brim, vessel.floor + 0.025);
  const points = Array.from({ length: 50 }, (_, i) => {
    const t = i / 49;
    const angle = t * turns * 2 * Math.PI;
    const distance = reach * Math.sqrt(t);
    return {
      x: centre.x + distance * Math.cos(angle),
      y: centre.y + distance * Math.sin(angle),
      z: level - 1.9 * thickness,
    };
  });
  stampStrand(relief, points, thickness, { colour, gloss: 0.6 });
}

function oilDrops(relief: Relief, rng: Rng, vessel: Vessel, liquid: Colour): void {
  const colour = mix(foodColour(rng), liquid, 0.5);
  for (let count = 10 + rng.int(30); count > 0; count--) {
    const radius = rng.uniform(0.008, 0.035);
    stamp(relief, {
      ...pointIn(rng, vessel, vessel.radius * 0.85),
      reach: radius,
      coat: true,
      opacity: 0.7,
      depth: disc(radius),
      rise: dome(0.004, radius),
      material: { colour, gloss: 1 },
    });
  }
}

/** Pieces half sunk in a thick sauce. */
export const stew: Dish = (relief, rng, place) => {
  const vessel = setDeep(relief, rng, place);
  const sauce = foodColour(rng);
  pour(relief, rng, vessel, {
    colour: sauce,
    second: scale(sauce, rng.uniform(0.5, 1.1)),
    frequency: 60,
    contrast: 2,
    bump: 0.03,
    gloss: rng.uniform(0.3, 0.9),
  });
  const colours = pieceColours(rng);
  const size = rng.uniform(0.06, 0.14);
  const fill = rng.uniform(0.25, 0.9);
  const count = Math.round((fill * vessel.radius ** 2) / size ** 2);
  for (let i = 0; i < count; i++) {
    const at = pointIn(rng, vessel, vessel.radius - size * 0.6);
    const own = near(rng, rng.pick(colours), 0.2);
    const colour = mix(own, sauce, rng.uniform(0, 0.65));
    dropChunk(relief, rng, at, size * rng.uniform(0.5, 1.2), {
      colour,
      sunk: rng.uniform(0.2, 0.7),
      gloss: rng.uniform(0.2, 0.7),
    });
  }
  season(relief, rng, vessel, vessel.radius * 0.7);
};

/** A nest of strands, thin or broad, dry or in broth, with or without a topping. */
export const noodles: Dish = (relief, rng, place) => {
  const vessel = setAny(relief, rng, place);
  const isInBroth = vessel.brim > vessel.floor && rng.float() < 0.5;
  const broth = foodColour(rng);
  if (isInBroth) pour(relief, rng, vessel, { colour: broth, second: scale(broth, 0.7), gloss: 0.8 });
  const colour = foodColour(rng);
  const radius = vessel.radius * rng.uniform(0.6, 0.95);
  const thickness = rng.uniform(0.012, 0.034);
  const mound = isInBroth ? 0.03 : rng.uniform(0.1, 0.3);
  const bottom = isInBroth ? Math.max(vessel.brim, vessel.floor) - 2.2 * thickness : vessel.floor;
  const count = Math.round(((isInBroth ? 1.1 : 1.7) * radius) / thickness);
  for (let i = 0; i < count; i++) {
    const height = bottom + (mound * i) / count;
    layStrand(
      relief,
      rng,
      { ...vessel, radius: radius * (1 - (0.4 * i) / count) },
      height,
      thickness,
      near(rng, colour, 0.1),
    );
  }
  if (rng.float() < 0.6) {
    const colours = pieceColours(rng);
    for (let pieces = 2 + rng.int(10); pieces > 0; pieces--) {
      dropChunk(relief, rng, pointIn(rng, vessel, radius * 0.6), rng.uniform(0.04, 0.1), {
        colour: near(rng, rng.pick(colours)),
      });
    }
  }
  season(relief, rng, vessel, radius * 0.7);
};

/** A bent line across the nest: an arc that wanders, kept within the radius. */
function layStrand(relief: Relief, rng: Rng, nest: Vessel, bottom: number, thickness: number, colour: Colour): void {
  const start = pointIn(rng, nest, nest.radius);
  let heading = rng.uniform(0, 2 * Math.PI);
  let bend = rng.normal() * 2;
  const step = 0.05;
  const points = [];
  let { x, y } = start;
  for (let i = 0; i < 16; i++) {
    points.push({ x, y, z: bottom + 0.03 * Math.sin(i * 0.7 + start.x * 20) });
    const dx = nest.x - x;
    const dy = nest.y - y;
    const out = Math.hypot(dx, dy) / nest.radius;
    if (out > 0.85) heading += 0.35 * Math.sin(Math.atan2(dy, dx) - heading);
    bend += 0.9 * rng.normal();
    heading += bend * step * 2;
    x += step * Math.cos(heading);
    y += step * Math.sin(heading);
  }
  stampStrand(relief, points, thickness, { colour, second: scale(colour, 0.85), frequency: 40, gloss: 0.45 });
}
