/** Dishes of several like pieces: sushi and dumplings, a pair that is easily confused, and doughnuts. */
import type { Rng } from "../../../base/rng.ts";
import { type Colour, doughColour, foodColour, hsv, mix, near, scale } from "../colour.ts";
import { pointIn, season, strew } from "../garnish.ts";
import { cell, cloud, grain } from "../noise.ts";
import { type Material, type Relief, restingHeight, stamp } from "../relief.ts";
import { box, disc, dome, ellipse, halfMoon, type Outline, ring, slab } from "../shapes.ts";
import { setAny, setFlat, type Vessel } from "../vessels.ts";
import { type Dish, pour } from "./dish.ts";

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
}

/** A place in the vessel's own frame. */
type Placement = readonly [u: number, v: number, angle: number];
type Arrangement = (rng: Rng, reach: number, radius: number) => Placement[];

const rows: Arrangement = (rng, reach, radius) => {
  const step = radius * rng.uniform(2, 2.4);
  const result: Placement[] = [];
  for (let v = -reach; v <= reach; v += step) {
    for (let u = -reach; u <= reach; u += step) if (Math.hypot(u, v) <= reach) result.push([u, v, 0]);
  }
  return result;
};

const circle: Arrangement = (_rng, reach, radius) => {
  const count = Math.floor((2 * Math.PI * reach) / (2.2 * radius));
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [reach * Math.cos(angle), reach * Math.sin(angle), angle];
  });
};

/** Anywhere, without much overlap. */
const scattered: Arrangement = (rng, reach, radius) => {
  const result: Placement[] = [];
  for (let attempt = 0; attempt < 60; attempt++) {
    const { x, y } = pointIn(rng, { x: 0, y: 0 }, reach);
    const isFree = result.every(([u, v]) => Math.hypot(u - x, v - y) > 1.75 * radius);
    if (isFree) result.push([x, y, rng.uniform(0, 6.3)]);
  }
  return result;
};

/** Places for at most `most` pieces of a radius; one in the middle where there is no room for more. */
function arrange(rng: Rng, vessel: Vessel, radius: number, most: number): Spot[] {
  const arrangement = rng.pick([rows, rows, circle, scattered, scattered]);
  const turn = rng.uniform(0, 2 * Math.PI);
  const placed = arrangement(rng, Math.max(0, vessel.radius - radius), radius);
  const placements: readonly Placement[] = placed.length > 0 ? placed.slice(0, most) : [[0, 0, 0]];
  return placements.map(([u, v, angle]) => ({
    x: vessel.x + u * Math.cos(turn) - v * Math.sin(turn) + 0.1 * radius * rng.normal(),
    y: vessel.y + u * Math.sin(turn) + v * Math.cos(turn) + 0.1 * radius * rng.normal(),
    angle: turn + angle + 0.12 * rng.normal(),
  }));
}

/** Rolls seen from their cut side (wrapper, rice, core), or oblong pieces of rice with a slice on top. */
export const sushi: Dish = (relief, rng, place) => {
  const vessel = setFlat(relief, rng, place);
  const radius = rng.uniform(0.13, 0.24);
  const rice =
    rng.float() < 0.55 ? hsv(rng.uniform(35, 55), rng.uniform(0.03, 0.2), rng.uniform(0.8, 0.95)) : foodColour(rng);
  const wrapper = rng.float() < 0.5 ? hsv(rng.uniform(60, 180), 0.3, rng.uniform(0.06, 0.2)) : foodColour(rng);
  const cores = [foodColour(rng), foodColour(rng)];
  const isOblong = rng.float() < 0.35;
  for (const spot of arrange(rng, vessel, isOblong ? radius * 1.15 : radius, 4 + rng.int(12))) {
    const core = near(rng, rng.pick(cores), 0.1);
    if (isOblong) laySlicedRice(relief, spot, radius, near(rng, rice, 0.04), core);
    else layRoll(relief, rng, spot, radius, [wrapper, near(rng, rice, 0.04), core]);
  }
  season(relief, rng, vessel, vessel.radius * 0.8);
};

function riceMaterial(colour: Colour): Material {
  return {
    colour: scale(colour, 0.6),
    second: colour,
    noise: cell,
    frequency: 420,
    contrast: 1.6,
    bias: 0.1,
    bump: 0.02,
    gloss: 0.2,
  };
}

function layRoll(
  relief: Relief,
  rng: Rng,
  spot: Spot,
  radius: number,
  [wrapper, rice, core]: readonly [Colour, Colour, Colour],
): void {
  const base = restingHeight(relief, spot.x, spot.y, radius * 0.8);
  const high = radius * 1.2;
  const shape = rng.uniform(0.9, 1);
  const at = { x: spot.x, y: spot.y, angle: spot.angle, reach: radius * 1.1, base };
  stamp(relief, {
    ...at,
    depth: ellipse(radius, radius * shape),
    rise: slab(high, 0.02),
    material: { colour: wrapper, second: scale(wrapper, 1.6), noise: grain, frequency: 200, gloss: 0.25 },
  });
  stamp(relief, {
    ...at,
    depth: ellipse(radius * 0.86, radius * 0.86 * shape),
    rise: slab(high + 0.008, 0.02),
    material: riceMaterial(rice),
  });
  const pieces = 1 + rng.int(3);
  for (let i = 0; i < pieces; i++) {
    const angle = spot.angle + (2 * Math.PI * i) / pieces;
    const off = pieces === 1 ? 0 : radius * 0.22;
    stamp(relief, {
      x: spot.x + off * Math.cos(angle),
      y: spot.y + off * Math.sin(angle),
      angle: rng.uniform(0, 3),
      reach: radius,
      base,
      depth: box(radius * 0.3, radius * rng.uniform(0.18, 0.3), radius * 0.1),
      rise: slab(high + 0.015, 0.02),
      material: { colour: i === 0 ? core : near(rng, core, 0.4), gloss: 0.4, second: scale(core, 0.7), frequency: 90 },
    });
  }
}

function laySlicedRice(relief: Relief, spot: Spot, radius: number, rice: Colour, slice: Colour): void {
  const base = restingHeight(relief, spot.x, spot.y, radius * 0.6);
  const at = { x: spot.x, y: spot.y, angle: spot.angle, reach: radius * 1.6 };
  stamp(relief, {
    ...at,
    base,
    depth: box(radius * 1.15, radius * 0.6, radius * 0.4),
    rise: dome(radius * 0.8, radius * 0.6),
    material: riceMaterial(rice),
  });
  stamp(relief, {
    ...at,
    base: base + radius * 0.35,
    depth: box(radius * 1.3, radius * 0.55, radius * 0.2),
    rise: dome(radius * 0.65, radius * 0.6),
    material: { colour: slice, second: scale(slice, 1.5), noise: cloud, frequency: 50, contrast: 2.5, gloss: 0.5 },
  });
}

/** Half-moons or purses of dough with pleats, steamed or fried. */
export const dumplings: Dish = (relief, rng, place) => {
  const vessel = setAny(relief, rng, place);
  if (vessel.brim > vessel.floor && rng.float() < 0.3)
    pour(relief, rng, { ...vessel, brim: vessel.floor + 0.06 }, { colour: foodColour(rng), gloss: 0.8 });
  const radius = rng.uniform(0.15, 0.26);
  const dough =
    rng.float() < 0.45 ? hsv(rng.uniform(35, 50), rng.uniform(0.08, 0.3), rng.uniform(0.75, 0.93)) : foodColour(rng);
  const fried = mix(dough, foodColour(rng), rng.uniform(0, 0.8));
  const isPurse = rng.float() < 0.35;
  for (const spot of arrange(rng, vessel, radius, 4 + rng.int(10))) {
    const colour = near(rng, dough, 0.06);
    const material: Material = {
      colour,
      second: fried,
      frequency: 30,
      contrast: 2.2,
      bias: -0.2,
      gloss: rng.uniform(0.15, 0.5),
      edge: mix(colour, fried, 0.5),
      edgeWidth: 0.04,
    };
    if (isPurse) layPurse(relief, rng, spot, radius * 0.85, material);
    else layHalfMoon(relief, rng, spot, radius, material);
  }
  season(relief, rng, vessel, vessel.radius * 0.8);
};

function layHalfMoon(relief: Relief, rng: Rng, spot: Spot, radius: number, material: Material): void {
  const pleats = 14 + rng.int(14);
  const body = dome(radius * 0.75, radius * 0.55);
  stamp(relief, {
    ...spot,
    reach: radius * 1.2,
    base: restingHeight(relief, spot.x, spot.y, radius * 0.5),
    depth: halfMoon(radius),
    rise: (depth, u, v) => {
      const seam = Math.max(0, 1 - (radius - Math.sqrt(u * u + v * v)) / (0.3 * radius));
      const pleat = 0.5 + 0.5 * Math.sin(pleats * Math.atan2(v, u));
      return body(Math.max(0, depth - 0.1 * radius * seam), u, v) + 0.03 + 0.16 * radius * pleat * seam;
    },
    material,
  });
}

function layPurse(relief: Relief, rng: Rng, spot: Spot, radius: number, material: Material): void {
  const pleats = 8 + rng.int(8);
  const twist = rng.uniform(2, 5);
  const body = dome(radius * 0.95, radius);
  stamp(relief, {
    ...spot,
    reach: radius * 1.1,
    base: restingHeight(relief, spot.x, spot.y, radius * 0.5),
    depth: disc(radius),
    rise: (depth, u, v) => {
      const out = Math.sqrt(u * u + v * v) / radius;
      const pleat = Math.sin(pleats * Math.atan2(v, u) + twist * out);
      return body(depth, u, v) + 0.05 * radius * pleat * (1 - out) * Math.min(1, out * 4) * 3;
    },
    material,
  });
}

/** Rings of dough, plain, glazed or sprinkled. */
export const doughnuts: Dish = (relief, rng, place) => {
  const vessel = setFlat(relief, rng, place);
  const radius = rng.uniform(0.25, 0.42);
  const dough = doughColour(rng);
  const glaze = foodColour(rng);
  const isGlazed = rng.float() < 0.65;
  const thickness = rng.uniform(0.36, 0.46);
  for (const spot of arrange(rng, vessel, radius, 1 + rng.int(6))) {
    const outline: Outline = ring(radius * (1 - thickness), radius * thickness);
    const colour = near(rng, dough, 0.08);
    const at = { ...spot, reach: radius * 1.05, base: restingHeight(relief, spot.x, spot.y, radius * 0.6) };
    stamp(relief, {
      ...at,
      depth: outline,
      rise: dome(radius * 0.5, radius * thickness),
      material: {
        colour,
        second: scale(colour, 0.6),
        frequency: 45,
        contrast: 1.5,
        bump: 0.01,
        gloss: 0.15,
        edge: mix(colour, [0.8, 0.7, 0.5], 0.4),
        edgeWidth: 0.06,
      },
    });
    if (!isGlazed || rng.float() < 0.15) continue;
    const drip = ring(radius * (1 - thickness), radius * thickness * rng.uniform(0.65, 0.85));
    stamp(relief, {
      ...at,
      coat: true,
      depth: drip,
      rise: slab(0.015, 0.03),
      material: { colour: near(rng, glaze, 0.08), gloss: rng.uniform(0.3, 0.8) },
    });
    if (rng.float() < 0.5) strew(relief, rng, spot, radius * 0.8);
  }
  season(relief, rng, vessel, vessel.radius);
};
