/** A picture of pictures: rows of equal tiles with a margin, to look at what augmentation does. Pure. */
import type { Pixels } from "../images/index.ts";

const margin = 4;
const background = 255;

/** @param rows tiles [size, size, 3], RGB bytes; each row has the same number of them */
export function contactSheet(rows: readonly (readonly Uint8Array[])[], size: number): Pixels {
  const columns = rows[0]?.length ?? 0;
  const side = (count: number) => count * (size + margin) + margin;
  const [width, height] = [side(columns), side(rows.length)];
  const data = new Uint8Array(width * height * 3).fill(background);
  for (const [row, tiles] of rows.entries()) {
    for (const [column, tile] of tiles.entries()) {
      const [left, top] = [margin + column * (size + margin), margin + row * (size + margin)];
      for (let line = 0; line < size; line++) {
        const values = tile.subarray(line * size * 3, (line + 1) * size * 3);
        data.set(values, ((top + line) * width + left) * 3);
      }
    }
  }
  return { width, height, data };
}
