/** Plates, bowls, boards, pans: any dish may lie on most of them, so that a vessel says little about its content. */
import type { Rng } from "../../base/rng.ts";
import { type Colour, glazeColour, hsv, scale, surfaceColour } from "./colour.ts";
import { cloud, grain, ridge } from "./noise.ts";
import { type Material, type Relief, stamp } from "./relief.ts";
import { box, disc, slab } from "./shapes.ts";

/** Where food can be put. */
export interface Vessel {
  readonly x: number;
  readonly y: number;
  /** Radius within which food fits. */
  readonly radius: number;
  /** Height of its bottom. */
  readonly floor: number;
  /** Height to which it can be filled; the floor's for flat ones. */
  readonly brim: number;
}

export interface Place {
  readonly x: number;
  readonly y: number;
  /** Radius of the vessel. */
  readonly size: number;
}

/** A plate, board, tray, slate, pan or the bare table. */
export function setFlat(relief: Relief, rng: Rng, place: Place): Vessel {
  const kind = rng.float();
  if (kind < 0.5) return setPlate(relief, rng, place);
  if (kind < 0.68) return setBoard(relief, rng, place);
  if (kind < 0.8) return setPan(relief, rng, place);
  if (kind < 0.92) return setTray(relief, rng, place);
  return { ...place, radius: place.size, floor: 0, brim: 0 };
}

/** A bowl, a deep plate or a pan. */
export function setDeep(relief: Relief, rng: Rng, place: Place): Vessel {
  const kind = rng.float();
  if (kind < 0.2) return setPan(relief, rng, place);
  return setBowl(relief, rng, place, kind < 0.45 ? rng.uniform(0.1, 0.18) : rng.uniform(0.22, 0.42));
}

/** Any of them: for dishes that are served in both. */
export function setAny(relief: Relief, rng: Rng, place: Place): Vessel {
  return rng.float() < 0.5 ? setFlat(relief, rng, place) : setDeep(relief, rng, place);
}

function glaze(rng: Rng): Material {
  const colour = glazeColour(rng);
  const isSpeckled = rng.float() < 0.35;
  return {
    colour,
    second: scale(colour, isSpeckled ? rng.uniform(0.4, 0.8) : 0.95),
    noise: isSpeckled ? grain : cloud,
    frequency: isSpeckled ? 90 : 20,
    contrast: isSpeckled ? 4 : 1,
    bias: isSpeckled ? -0.9 : 0,
    gloss: rng.uniform(0.1, 0.8),
    edge: rng.float() < 0.3 ? scale(glazeColour(rng), 0.7) : colour,
    edgeWidth: rng.uniform(0.01, 0.05),
  };
}

function setPlate(relief: Relief, rng: Rng, { x, y, size }: Place): Vessel {
  const rim = rng.uniform(0.16, 0.32) * size;
  const lift = rng.uniform(0.04, 0.1);
  const thickness = 0.03;
  const outline = rng.float() < 0.12 ? box(size * 0.95, size * 0.95, rng.uniform(0.1, 0.5) * size) : disc(size);
  stamp(relief, {
    x,
    y,
    angle: rng.uniform(0, 3),
    reach: size * 1.4,
    depth: outline,
    rise: (depth) => {
      const inner = Math.min(1, Math.max(0, (depth - 0.55 * rim) / (0.45 * rim)));
      const outside = Math.min(1, Math.max(0, depth) / 0.03);
      return (thickness + lift * (1 - inner * inner * (3 - 2 * inner))) * outside;
    },
    material: glaze(rng),
  });
  return { x, y, radius: size - rim, floor: thickness, brim: thickness };
}

/** A bowl's inside falls from the rim to a flat bottom. */
function setBowl(relief: Relief, rng: Rng, { x, y, size }: Place, deep: number): Vessel {
  const wall = rng.uniform(0.35, 0.6) * size;
  const lip = rng.uniform(0.04, 0.22) * size;
  const outline = rng.float() < 0.1 ? box(size * 0.95, size * 0.95, 0.4 * size) : disc(size);
  stamp(relief, {
    x,
    y,
    angle: rng.uniform(0, 3),
    reach: size * 1.4,
    depth: outline,
    rise: (depth) => {
      const t = Math.min(1, Math.max(0, (depth - lip) / wall));
      const outside = Math.min(1, Math.max(0, depth) / (0.02 + 0.35 * lip));
      return (0.03 + deep * (1 - Math.sin((t * Math.PI) / 2))) * outside;
    },
    material: glaze(rng),
  });
  const full = rng.uniform(0.55, 0.85);
  const radius = size - lip - wall * (Math.asin(1 - full) / (Math.PI / 2));
  return { x, y, radius, floor: 0.03, brim: 0.03 + deep * full };
}

function setPan(relief: Relief, rng: Rng, { x, y, size }: Place): Vessel {
  const isIron = rng.float() < 0.6;
  const colour: Colour = isIron
    ? hsv(rng.uniform(0, 60), 0.1, rng.uniform(0.1, 0.28))
    : hsv(30, 0.05, rng.uniform(0.5, 0.8));
  const material: Material = {
    colour,
    second: scale(colour, 0.6),
    frequency: 70,
    gloss: rng.uniform(0.2, 0.7),
    bump: 0.004,
  };
  const wall = rng.uniform(0.1, 0.22);
  const angle = rng.uniform(0, 2 * Math.PI);
  const length = 0.8;
  stamp(relief, {
    x: x + Math.cos(angle) * (size + length * 0.8),
    y: y + Math.sin(angle) * (size + length * 0.8),
    angle,
    reach: length * 1.2,
    depth: box(length, rng.uniform(0.06, 0.12), 0.06),
    rise: slab(0.16, 0.06),
    material,
  });
  stamp(relief, {
    x,
    y,
    reach: size * 1.05,
    depth: disc(size),
    rise: (depth) => 0.03 + wall * (1 - Math.min(1, Math.max(0, (depth - 0.04) / 0.07))),
    material,
  });
  return { x, y, radius: size - 0.11, floor: 0.03, brim: 0.03 + wall * 0.6 };
}

function setBoard(relief: Relief, rng: Rng, { x, y, size }: Place): Vessel {
  const colour =
    rng.float() < 0.7 ? hsv(rng.uniform(18, 38), rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.8)) : surfaceColour(rng);
  const isRound = rng.float() < 0.4;
  stamp(relief, {
    x,
    y,
    angle: rng.uniform(0, Math.PI),
    reach: size * 1.8,
    depth: isRound ? disc(size) : box(size * rng.uniform(1, 1.4), size * rng.uniform(0.85, 1), 0.08),
    rise: slab(0.07, 0.02),
    material: {
      colour,
      second: scale(colour, 0.55),
      noise: rng.float() < 0.5 ? ridge : cloud,
      frequency: 30,
      gloss: 0.08,
    },
  });
  return { x, y, radius: size * 0.85, floor: 0.07, brim: 0.07 };
}

function setTray(relief: Relief, rng: Rng, { x, y, size }: Place): Vessel {
  const isPaper = rng.float() < 0.5;
  const colour = isPaper ? hsv(rng.uniform(25, 45), rng.uniform(0.05, 0.4), rng.uniform(0.6, 0.95)) : glazeColour(rng);
  stamp(relief, {
    x,
    y,
    angle: rng.uniform(0, Math.PI),
    reach: size * 1.7,
    depth: box(size * rng.uniform(1, 1.3), size * 0.95, isPaper ? 0.01 : 0.15),
    rise: isPaper ? () => 0.012 : (depth) => 0.03 + 0.06 * (1 - Math.min(1, Math.max(0, depth / 0.08))),
    material: {
      colour,
      second: scale(colour, 0.8),
      noise: ridge,
      frequency: 12,
      bump: isPaper ? 0.03 : 0,
      gloss: isPaper ? 0.03 : 0.5,
    },
  });
  return { x, y, radius: size * 0.85, floor: 0.03, brim: 0.03 };
}
