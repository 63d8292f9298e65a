/** Where names stand beside their points, so that no name covers another, a point or an interval. Pure. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Side = "right" | "left" | "top" | "bottom";

/** A mark with a name of known size; lengths are pixels, y goes down. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  readonly side: Side;
  /** Pixels that the name is moved down from its place at the side. */
  readonly shift: number;
  readonly box: Box;
}

const gap = 9;
const sides: readonly Side[] = ["right", "left", "top", "bottom"];

/**
 * Places each name in turn at the free place nearest to its point.
 * @param area names stay inside it where they can
 * @param obstacles marks and intervals
 */
export function placeLabels(items: readonly Labelled[], area: Box, obstacles: readonly Box[]): Placement[] {
  const taken: Box[] = [...obstacles];
  return items.map((item) => {
    const places = shifts(item.height).flatMap((shift) => sides.map((side) => placeAt(item, side, shift)));
    const best = places
      .map((place) => ({ place, cost: costOf(place, area, taken) }))
      .reduce((least, next) => (next.cost < least.cost ? next : least)).place;
    taken.push(best.box);
    return best;
  });
}

/** 0, then up and down in steps of two thirds of a line. */
function shifts(height: number): number[] {
  return [0, ...Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 1 : -1) * Math.ceil((i + 1) / 2) * height * 0.67)];
}

function placeAt({ x, y, width, height }: Labelled, side: Side, shift: number): Placement {
  const left = side === "right" ? x + gap : side === "left" ? x - gap - width : x - width / 2;
  const top = side === "top" ? y - gap - height : side === "bottom" ? y + gap : y - height / 2;
  return { side, shift, box: { left, top: top + shift, width, height } };
}

function costOf({ box, shift, side }: Placement, area: Box, taken: readonly Box[]): number {
  const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
  const outside = box.width * box.height - overlap(box, area);
  return 10 * covered + 10 * outside + Math.abs(shift) * 0.2 + sides.indexOf(side) * 0.1;
}

/** Common area of two boxes. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}
