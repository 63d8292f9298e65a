/**
 * Outlines and profiles. An outline gives the distance of a point inside its edge (negative outside); a profile gives
 * the height at that distance. All in world units. Pure.
 */
import { cloud, sampleNoise } from "./noise.ts";

export type Outline = (u: number, v: number) => number;
export type Profile = (depth: number, u: number, v: number) => number;

export function disc(radius: number): Outline {
  return (u, v) => radius - Math.sqrt(u * u + v * v);
}

/** A disc with an irregular edge; `wobble` is the share of the radius by which it wanders. */
export function blob(radius: number, wobble: number, offset: number): Outline {
  const amplitude = radius * wobble * 2;
  const frequency = 22 / radius;
  return (u, v) =>
    radius - Math.sqrt(u * u + v * v) + amplitude * (sampleNoise(cloud, u * frequency + offset, v * frequency) - 0.5);
}

export function ellipse(halfLength: number, halfWidth: number): Outline {
  const least = Math.min(halfLength, halfWidth);
  return (u, v) => (1 - Math.sqrt((u / halfLength) ** 2 + (v / halfWidth) ** 2)) * least;
}

/** A rectangle with round corners. */
export function box(halfLength: number, halfWidth: number, corner: number): Outline {
  return (u, v) => {
    const x = Math.abs(u) - halfLength + corner;
    const y = Math.abs(v) - halfWidth + corner;
    if (x > 0 && y > 0) return corner - Math.sqrt(x * x + y * y);
    return corner - Math.max(x, y);
  };
}

/** A ring of the given middle radius and half width. */
export function ring(radius: number, halfWidth: number): Outline {
  return (u, v) => halfWidth - Math.abs(Math.sqrt(u * u + v * v) - radius);
}

/** The half of a disc on one side of its diameter, a little rounded. */
export function halfMoon(radius: number): Outline {
  return (u, v) => Math.min(radius - Math.sqrt(u * u + v * v), v + 0.25 * radius);
}

/** A sector with its tip at the origin, opening along +u. */
export function wedge(radius: number, halfAngle: number): Outline {
  const sin = Math.sin(halfAngle);
  const cos = Math.cos(halfAngle);
  return (u, v) => Math.min(radius - Math.sqrt(u * u + v * v), u * sin - Math.abs(v) * cos);
}

/** A leaf along u with pointed ends and a wavy edge. */
export function leaf(halfLength: number, halfWidth: number, waves: number, offset: number): Outline {
  return (u, v) => {
    const t = u / halfLength;
    if (t <= -1 || t >= 1) return -1;
    const width = halfWidth * (1 - t * t) * (1 + 0.18 * waves * Math.sin(t * 9 + offset) + 0.1 * Math.sin(t * 23));
    return width - Math.abs(v);
  };
}

/** Flat with a rounded edge of the given radius. */
export function slab(thickness: number, bevel: number): Profile {
  return (depth) => {
    if (depth >= bevel) return thickness;
    const t = 1 - Math.max(0, depth) / bevel;
    return thickness * Math.sqrt(1 - t * t * 0.96);
  };
}

/** A dome over a shape whose greatest depth is `reach`. */
export function dome(height: number, reach: number): Profile {
  return (depth) => {
    const t = 1 - Math.min(1, Math.max(0, depth) / reach);
    return height * Math.sqrt(1 - t * t);
  };
}
