/** Strands: round, long, curved things such as noodles, sauce lines, stalks. */
import { type Material, painter, type Relief } from "./relief.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Height of the strand's lower side. */
  readonly z: number;
}

/** Stamps a tube of the given radius along a polyline; it hides what is lower and is hidden by what is higher. */
export function stampStrand(relief: Relief, points: readonly Point[], radius: number, material: Material): void {
  const paint = painter(material, points[0]!.x * 57.3);
  for (let i = 1; i < points.length; i++) stampSegment(relief, points[i - 1]!, points[i]!, radius, paint);
}

function stampSegment(relief: Relief, from: Point, to: Point, radius: number, paint: ReturnType<typeof painter>): void {
  const { columns, rows, texel, left, top, height } = relief;
  const reach = radius + texel;
  const firstColumn = Math.max(0, Math.floor((Math.min(from.x, to.x) - reach - left) / texel));
  const lastColumn = Math.min(columns - 1, Math.ceil((Math.max(from.x, to.x) + reach - left) / texel));
  const firstRow = Math.max(0, Math.floor((Math.min(from.y, to.y) - reach - top) / texel));
  const lastRow = Math.min(rows - 1, Math.ceil((Math.max(from.y, to.y) + reach - top) / texel));
  const alongX = to.x - from.x;
  const alongY = to.y - from.y;
  const length = alongX * alongX + alongY * alongY + 1e-9;
  for (let row = firstRow; row <= lastRow; row++) {
    const y = top + row * texel;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const x = left + column * texel;
      const t = Math.min(1, Math.max(0, ((x - from.x) * alongX + (y - from.y) * alongY) / length));
      const dx = x - from.x - t * alongX;
      const dy = y - from.y - t * alongY;
      const inside = radius - Math.sqrt(dx * dx + dy * dy);
      const cover = Math.min(1, inside / texel + 0.5);
      if (cover <= 0) continue;
      const rest = 1 - Math.max(0, inside) / radius;
      const level = from.z + t * (to.z - from.z) + radius * (1 + Math.sqrt(Math.max(0, 1 - rest * rest)));
      const index = row * columns + column;
      const below = height[index]!;
      if (level <= below) continue;
      height[index] = below + (level - below) * cover;
      paint.apply(relief, index, cover, paint.tone(x, y), inside);
    }
  }
}
