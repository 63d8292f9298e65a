/** What lies on and around any dish: herbs, crumbs, seeds, drops, cutlery, glasses, napkins. */
import type { Rng } from "../../base/rng.ts";
import { type Colour, foodColour, glazeColour, hsv, leafColour, near, scale, surfaceColour } from "./colour.ts";
import { cloud, ridge } from "./noise.ts";
import { type Relief, restingHeight, stamp } from "./relief.ts";
import { blob, box, disc, dome, ellipse, leaf, ring, slab } from "./shapes.ts";
import { stampStrand } from "./strand.ts";

/** A point of a disc, evenly spread. */
export function pointIn(rng: Rng, centre: { x: number; y: number }, radius: number): { x: number; y: number } {
  const angle = rng.uniform(0, 2 * Math.PI);
  const distance = radius * Math.sqrt(rng.float());
  return { x: centre.x + distance * Math.cos(angle), y: centre.y + distance * Math.sin(angle) };
}

/** One small leaf where it comes to rest. */
export function dropLeaf(relief: Relief, rng: Rng, at: { x: number; y: number }, length: number, colour: Colour): void {
  const halfWidth = length * rng.uniform(0.25, 0.5);
  const curl = rng.uniform(-0.3, 0.5);
  stamp(relief, {
    ...at,
    angle: rng.uniform(0, 2 * Math.PI),
    reach: length * 1.2,
    base: restingHeight(relief, at.x, at.y, length * 0.6) + 0.005,
    depth: leaf(length, halfWidth, rng.float(), rng.uniform(0, 6)),
    rise: (depth, u) =>
      0.012 + curl * Math.max(0, depth) + 0.15 * Math.abs(u) * curl - (depth > halfWidth * 0.85 ? 0.008 : 0),
    material: {
      colour,
      second: scale(colour, 1.5),
      frequency: 90,
      gloss: rng.uniform(0.05, 0.3),
      edge: scale(colour, 0.7),
      edgeWidth: 0.01,
    },
  });
}

/** Chopped herbs, seeds or crumbs strewn over a disc. */
export function strew(relief: Relief, rng: Rng, centre: { x: number; y: number }, radius: number): void {
  const kind = rng.float();
  const colour = kind < 0.5 ? leafColour(rng) : foodColour(rng);
  const size = rng.uniform(0.008, 0.03);
  const count = Math.round(rng.uniform(8, 50));
  for (let i = 0; i < count; i++) {
    const at = pointIn(rng, centre, radius);
    stamp(relief, {
      ...at,
      angle: rng.uniform(0, 3.2),
      reach: size * 2,
      base: restingHeight(relief, at.x, at.y, size),
      depth: ellipse(size * rng.uniform(0.8, 1.8), size * rng.uniform(0.5, 1)),
      rise: dome(size * 0.7, size * 0.6),
      material: { colour: near(rng, colour, 0.2), gloss: 0.1 },
    });
  }
}

/** A few larger leaves, as basil, mint or coriander. */
export function sprig(relief: Relief, rng: Rng, centre: { x: number; y: number }, radius: number): void {
  const colour = leafColour(rng);
  const at = pointIn(rng, centre, radius);
  const count = 2 + rng.int(5);
  const length = rng.uniform(0.05, 0.14);
  for (let i = 0; i < count; i++) dropLeaf(relief, rng, pointIn(rng, at, length * 1.1), length, near(rng, colour));
}

/** Sauce poured in a zigzag or spiral line. */
export function drizzle(
  relief: Relief,
  rng: Rng,
  centre: { x: number; y: number },
  radius: number,
  colour: Colour,
): void {
  const turns = rng.uniform(2, 5);
  const isSpiral = rng.float() < 0.4;
  const angle = rng.uniform(0, 3.2);
  const thickness = rng.uniform(0.01, 0.025);
  const count = 60;
  const points = Array.from({ length: count }, (_, i) => {
    const t = i / (count - 1);
    const u = isSpiral ? radius * t * Math.cos(t * turns * 6.3) : radius * (2 * t - 1);
    const v = isSpiral
      ? radius * t * Math.sin(t * turns * 6.3)
      : radius * 0.8 * Math.sin(t * turns * 6.3) * Math.sqrt(1 - (2 * t - 1) ** 2);
    const x = centre.x + u * Math.cos(angle) - v * Math.sin(angle);
    const y = centre.y + u * Math.sin(angle) + v * Math.cos(angle);
    return { x, y, z: restingHeight(relief, x, y, 0.02) - thickness * 1.2 };
  });
  stampStrand(relief, points, thickness, { colour, gloss: 0.7 });
}

/** What the seasoning of any dish may be: nothing, herbs, a sprig, a drizzle, several. */
export function season(relief: Relief, rng: Rng, centre: { x: number; y: number }, radius: number): void {
  if (rng.float() < 0.4) strew(relief, rng, centre, radius);
  if (rng.float() < 0.3) sprig(relief, rng, centre, radius * 0.6);
  if (rng.float() < 0.2) drizzle(relief, rng, centre, radius * 0.8, foodColour(rng));
}

/** Things beside the dish, at angle and distance from it; they may reach into the picture or not. */
export function layBeside(relief: Relief, rng: Rng, centre: { x: number; y: number }, size: number): void {
  const count = rng.int(4);
  for (let i = 0; i < count; i++) {
    const angle = rng.uniform(0, 2 * Math.PI);
    const distance = size * rng.uniform(1.15, 1.7);
    const at = { x: centre.x + distance * Math.cos(angle), y: centre.y + distance * Math.sin(angle) };
    const kind = rng.float();
    if (kind < 0.35) layCutlery(relief, rng, at, angle + Math.PI / 2 + 0.3 * rng.normal());
    else if (kind < 0.55) layNapkin(relief, rng, at);
    else if (kind < 0.75) standGlass(relief, rng, at);
    else standSideBowl(relief, rng, at);
  }
  if (rng.float() < 0.3) strew(relief, rng, centre, size * 1.5);
}

function layCutlery(relief: Relief, rng: Rng, at: { x: number; y: number }, angle: number): void {
  const isSticks = rng.float() < 0.3;
  const colour = isSticks
    ? hsv(rng.uniform(0, 40), 0.5, rng.uniform(0.15, 0.7))
    : hsv(40, rng.uniform(0, 0.3), rng.uniform(0.45, 0.8));
  const gloss = isSticks ? 0.2 : 0.9;
  const count = isSticks ? 2 : 1 + rng.int(2);
  for (let i = 0; i < count; i++) {
    const x = at.x + i * 0.16 * Math.cos(angle + Math.PI / 2);
    const y = at.y + i * 0.16 * Math.sin(angle + Math.PI / 2);
    const thickness = isSticks ? 0.02 : 0.035;
    stamp(relief, {
      x,
      y,
      angle,
      reach: 1,
      depth: box(0.85, thickness, thickness),
      rise: slab(0.04, 0.02),
      material: { colour, gloss },
    });
    if (isSticks) continue;
    const head = { x: x + 0.8 * Math.cos(angle), y: y + 0.8 * Math.sin(angle) };
    stamp(relief, {
      ...head,
      angle,
      reach: 0.3,
      depth: ellipse(0.2, 0.1),
      rise: (depth) => 0.06 - 0.3 * Math.max(0, depth),
      material: { colour, gloss },
    });
  }
}

function layNapkin(relief: Relief, rng: Rng, at: { x: number; y: number }): void {
  const colour = surfaceColour(rng);
  stamp(relief, {
    ...at,
    angle: rng.uniform(0, 3.2),
    reach: 1.1,
    depth: box(rng.uniform(0.4, 0.7), rng.uniform(0.3, 0.6), 0.03),
    rise: slab(0.03, 0.02),
    material: { colour, second: scale(colour, 0.75), noise: ridge, frequency: 16, bump: 0.06, gloss: 0 },
  });
}

function standGlass(relief: Relief, rng: Rng, at: { x: number; y: number }): void {
  const radius = rng.uniform(0.22, 0.38);
  const drink = foodColour(rng);
  stamp(relief, {
    ...at,
    reach: radius,
    depth: disc(radius),
    rise: () => 0.2,
    material: { colour: drink, gloss: 0.9 },
  });
  const rim: Colour = [0.6, 0.62, 0.62];
  stamp(relief, {
    ...at,
    reach: radius + 0.03,
    depth: ring(radius, 0.025),
    rise: () => 0.32,
    material: { colour: rim, gloss: 0.9 },
  });
}

function standSideBowl(relief: Relief, rng: Rng, at: { x: number; y: number }): void {
  const radius = rng.uniform(0.22, 0.45);
  const content = foodColour(rng);
  stamp(relief, {
    ...at,
    reach: radius,
    depth: disc(radius),
    rise: (depth) => 0.2 - Math.min(0.15, Math.max(0, depth - 0.02) * 2),
    material: { colour: glazeColour(rng), gloss: 0.5 },
  });
  stamp(relief, {
    ...at,
    reach: radius,
    base: 0.1,
    depth: blob(radius * 0.75, 0.05, rng.uniform(0, 99)),
    rise: slab(0.03, 0.03),
    material: {
      colour: content,
      second: scale(content, 0.6),
      noise: cloud,
      frequency: 90,
      bump: rng.uniform(0, 0.06),
      gloss: rng.uniform(0, 0.6),
    },
  });
}
