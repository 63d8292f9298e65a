/** Flat round dishes with a crust: pizza and tart, a pair that is easily confused. */
import type { Rng } from "../../../base/rng.ts";
import { type Colour, doughColour, foodColour, leafColour, near, scale } from "../colour.ts";
import { dropLeaf, pointIn, season } from "../garnish.ts";
import { cell, cloud, sampleNoise } from "../noise.ts";
import { type Material, type Relief, restingHeight, stamp } from "../relief.ts";
import { blob, disc, dome, ellipse, type Outline, ring, slab, wedge } from "../shapes.ts";
import { stampStrand } from "../strand.ts";
import { setFlat, type Vessel } from "../vessels.ts";
import { type Dish, dropChunk, pieceColours } from "./dish.ts";

interface Round {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly radius: number;
  readonly outline: Outline;
  readonly base: number;
}

/** The whole round, most of it, or a single slice. */
function cutRound(rng: Rng, vessel: Vessel, wobble: number): Round {
  const radius = vessel.radius * rng.uniform(0.85, 1.02);
  const angle = rng.uniform(0, 2 * Math.PI);
  const whole = wobble > 0 ? blob(radius, wobble, rng.uniform(0, 99)) : disc(radius);
  const kind = rng.float();
  const base = { angle, radius, base: vessel.floor };
  if (kind < 0.25) {
    const slice = wedge(radius * 1.5, rng.uniform(0.3, 0.5));
    const shift = radius * 0.75;
    const x = vessel.x - shift * Math.cos(angle);
    const y = vessel.y - shift * Math.sin(angle);
    return { ...base, radius: radius * 1.5, x, y, outline: slice };
  }
  const gap = wedge(9, rng.uniform(0.25, 0.5));
  const outline: Outline = kind < 0.45 ? (u, v) => Math.min(whole(u, v), -gap(u, v)) : whole;
  return { ...base, x: vessel.x, y: vessel.y, outline };
}

/** A point of the round, as far as `share` of its radius, that its outline contains. */
function pointOn(rng: Rng, round: Round, share: number): { x: number; y: number } | undefined {
  for (let attempt = 0; attempt < 6; attempt++) {
    const { x: u, y: v } = pointIn(rng, { x: 0, y: 0 }, round.radius * share);
    if (round.outline(u, v) < 0.05) continue;
    const cos = Math.cos(round.angle);
    const sin = Math.sin(round.angle);
    return { x: round.x + u * cos - v * sin, y: round.y + u * sin + v * cos };
  }
  return undefined;
}

/** Bread with an irregular puffed rim, sauce, patches of cheese, flat toppings. */
export const pizza: Dish = (relief, rng, place) => {
  const vessel = setFlat(relief, rng, place);
  const round = cutRound(rng, vessel, rng.uniform(0.02, 0.06));
  const crust = doughColour(rng);
  const rim = rng.uniform(0.05, 0.13) * round.radius;
  const puff = rng.uniform(0.03, 0.09);
  const body = { x: round.x, y: round.y, angle: round.angle, reach: round.radius * 1.1 };
  const offset = rng.uniform(0, 99);
  const edgeDistance: Outline = (u, v) => round.radius - Math.sqrt(u * u + v * v);
  stamp(relief, {
    ...body,
    base: round.base,
    depth: round.outline,
    rise: (depth, u, v) => {
      const t = Math.max(0, edgeDistance(u, v)) / rim;
      const bubbles = 0.6 + 0.8 * sampleNoise(cloud, u * 40 + offset, v * 40);
      return 0.03 * Math.min(1, depth / 0.02) + (t < 2 ? puff * bubbles * Math.sin((Math.min(2, t) * Math.PI) / 2) : 0);
    },
    material: {
      colour: crust,
      second: scale(crust, 0.35),
      frequency: 45,
      contrast: 3,
      bias: -0.7,
      gloss: 0.05,
      bump: 0.01,
    },
  });
  const sauce = foodColour(rng);
  const cheese = foodColour(rng);
  const inner: Outline = (u, v) =>
    Math.min(
      round.outline(u, v),
      edgeDistance(u, v) - rim * 1.3 + 0.05 * (sampleNoise(cloud, u * 30, v * 30 + offset) - 0.5),
    );
  stamp(relief, {
    ...body,
    coat: true,
    depth: inner,
    rise: slab(0.012, 0.02),
    material: {
      colour: sauce,
      second: cheese,
      noise: cloud,
      frequency: rng.uniform(30, 80),
      contrast: rng.uniform(2, 6),
      bias: rng.uniform(-0.2, 0.4),
      bump: 0.015,
      gloss: rng.uniform(0.15, 0.5),
    },
  });
  layToppings(relief, rng, round);
  season(relief, rng, vessel, round.radius * 0.7);
};

function layToppings(relief: Relief, rng: Rng, round: Round): void {
  for (let kind = 1 + rng.int(3); kind > 0; kind--) {
    const colour = foodColour(rng);
    const size = rng.uniform(0.05, 0.12);
    const form = rng.int(4);
    const count = 4 + rng.int(12);
    for (let i = 0; i < count; i++) {
      const at = pointOn(rng, round, 0.85);
      if (at === undefined) continue;
      const piece = near(rng, colour, 0.12);
      const base = restingHeight(relief, at.x, at.y, size * 0.6);
      const material: Material = {
        colour: piece,
        second: scale(piece, 0.6),
        frequency: 120,
        gloss: 0.3,
        edge: scale(piece, 0.6),
        edgeWidth: 0.015,
      };
      const common = { ...at, angle: rng.uniform(0, 6.3), reach: size * 1.4, base };
      if (form === 0) stamp(relief, { ...common, depth: disc(size), rise: slab(0.018, 0.02), material });
      else if (form === 1)
        stamp(relief, { ...common, depth: ring(size * 0.6, size * 0.25), rise: slab(0.025, 0.02), material });
      else if (form === 2) dropChunk(relief, rng, at, size * 0.7, { colour: piece, sunk: 0.4 });
      else dropLeaf(relief, rng, at, size, near(rng, leafColour(rng)));
    }
  }
}

/** A pastry shell with a regular fluted wall, filled level; a lattice, fruit in circles, or plain. */
export const tart: Dish = (relief, rng, place) => {
  const vessel = setFlat(relief, rng, place);
  const round = cutRound(rng, vessel, 0);
  const crust = doughColour(rng);
  const flutes = 18 + rng.int(30);
  const wall = rng.uniform(0.05, 0.1) * round.radius;
  const high = rng.uniform(0.1, 0.2);
  const flutedness = rng.uniform(0.008, 0.022) * round.radius;
  const body = { x: round.x, y: round.y, angle: round.angle, reach: round.radius * 1.1 };
  const edgeDistance: Outline = (u, v) =>
    round.radius - Math.sqrt(u * u + v * v) - flutedness * (1 + Math.sin(flutes * Math.atan2(v, u)));
  stamp(relief, {
    ...body,
    base: round.base,
    depth: (u, v) => {
      const side = round.outline(u, v);
      return side < 2.5 * wall ? Math.min(side, edgeDistance(u, v)) : side;
    },
    rise: slab(high, 0.03),
    material: {
      colour: crust,
      second: scale(crust, 0.6),
      frequency: 60,
      contrast: 1.5,
      bump: 0.008,
      gloss: 0.1,
      edge: scale(crust, 0.7),
      edgeWidth: 0.03,
    },
  });
  const filling = foodColour(rng);
  const inner: Outline = (u, v) => Math.min(round.outline(u, v), round.radius - Math.sqrt(u * u + v * v) - wall);
  const isCrumbly = rng.float() < 0.3;
  stamp(relief, {
    ...body,
    coat: true,
    depth: inner,
    rise: (depth) => -0.03 * Math.min(1, Math.max(0, depth) / 0.02),
    material: {
      colour: filling,
      second: scale(filling, rng.uniform(0.4, 0.9)),
      noise: isCrumbly ? cell : cloud,
      frequency: isCrumbly ? 140 : 40,
      contrast: rng.uniform(0.8, 3),
      bump: isCrumbly ? 0.04 : 0.008,
      gloss: rng.uniform(0.1, 0.7),
    },
  });
  const top = rng.float();
  if (top < 0.4) layLattice(relief, rng, round, inner, crust);
  else if (top < 0.75) layCircles(relief, rng, round, inner);
  season(relief, rng, vessel, round.radius * 0.6);
};

function layLattice(relief: Relief, rng: Rng, round: Round, inner: Outline, crust: Colour): void {
  const step = rng.uniform(0.14, 0.26) * round.radius;
  const halfWidth = step * rng.uniform(0.22, 0.34);
  for (const direction of [0, Math.PI / 2 + 0.3 * rng.normal()]) {
    for (let offset = -round.radius; offset < round.radius; offset += step) {
      const half = Math.sqrt(Math.max(0, round.radius ** 2 - offset ** 2));
      const points = Array.from({ length: 24 }, (_, i) => {
        const along = half * ((2 * i) / 23 - 1);
        const u = along * Math.cos(direction) - offset * Math.sin(direction);
        const v = along * Math.sin(direction) + offset * Math.cos(direction);
        const x = round.x + u * Math.cos(round.angle) - v * Math.sin(round.angle);
        const y = round.y + u * Math.sin(round.angle) + v * Math.cos(round.angle);
        return { x, y, z: restingHeight(relief, x, y, 0.02) - halfWidth * 1.2, isInside: inner(u, v) > 0 };
      });
      const inside = points.filter((point) => point.isInside);
      if (inside.length > 1)
        stampStrand(relief, inside, halfWidth, { colour: crust, second: scale(crust, 0.6), frequency: 70, gloss: 0.2 });
    }
  }
}

/** Berries or slices of fruit in concentric circles. */
function layCircles(relief: Relief, rng: Rng, round: Round, inner: Outline): void {
  const colours = pieceColours(rng);
  const size = rng.uniform(0.05, 0.11);
  const isSlice = rng.float() < 0.5;
  for (let radius = size; radius < round.radius; radius += size * rng.uniform(1.6, 2.1)) {
    const count = Math.max(1, Math.floor((2 * Math.PI * radius) / (size * (isSlice ? 1.3 : 2.1))));
    const colour = rng.pick(colours);
    for (let i = 0; i < count; i++) {
      const angle = (2 * Math.PI * i) / count;
      if (inner(radius * Math.cos(angle), radius * Math.sin(angle)) < size * 0.4) continue;
      const x = round.x + radius * Math.cos(angle + round.angle);
      const y = round.y + radius * Math.sin(angle + round.angle);
      const piece = near(rng, colour, 0.1);
      stamp(relief, {
        x,
        y,
        angle: angle + round.angle + (isSlice ? Math.PI / 2 : 0),
        reach: size * 1.6,
        base: restingHeight(relief, x, y, size * 0.3) - 0.01,
        depth: isSlice ? ellipse(size * 1.4, size * 0.8) : disc(size),
        rise: isSlice ? (depth, u) => 0.03 + 0.25 * u + 0.1 * Math.max(0, depth) : dome(size, size),
        material: {
          colour: piece,
          second: scale(piece, 0.7),
          frequency: 80,
          gloss: 0.5,
          edge: scale(piece, 0.65),
          edgeWidth: 0.02,
        },
      });
    }
  }
}
