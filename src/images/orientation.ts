/** EXIF orientation of JPEG files: finds it, and turns pixels upright. Pure. */
import type { Pixels } from "./pixels.ts";

/** 1 to 8, as in the EXIF standard (tag 0x0112): 1 is upright. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const marker = { startOfImage: 0xd8, app1: 0xe1, startOfScan: 0xda } as const;
const orientationTag = 0x0112;
const shortType = 3;

/** Orientation that a JPEG file declares in its EXIF segment; 1 where it declares none, or nonsense. */
export function orientationOf(jpeg: Uint8Array): Orientation {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  // Marker segments: 0xFF, code, length (big endian, of itself and the payload), payload.
  let at = 2;
  while (at + 4 <= view.byteLength && view.getUint8(at) === 0xff) {
    const code = view.getUint8(at + 1);
    if (code === 0xff) {
      at++; // Fill byte.
      continue;
    }
    if (code === marker.startOfScan) break;
    const end = at + 2 + view.getUint16(at + 2);
    if (code === marker.app1 && end <= view.byteLength && isExif(jpeg, at + 4))
      return orientationOfTiff(new DataView(jpeg.buffer, jpeg.byteOffset + at + 10, Math.max(0, end - at - 10)));
    at = end;
  }
  return 1;
}

function isExif(jpeg: Uint8Array, at: number): boolean {
  return Buffer.from(jpeg.subarray(at, at + 6)).toString("latin1") === "Exif\0\0";
}

/** The first directory's orientation entry: tag, type, count, value (12 bytes an entry). */
function orientationOfTiff(tiff: DataView): Orientation {
  if (tiff.byteLength < 8) return 1;
  const little = tiff.getUint16(0) === 0x4949;
  const directory = tiff.getUint32(4, little);
  if (directory + 2 > tiff.byteLength) return 1;
  const entries = tiff.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.byteLength) return 1;
    if (tiff.getUint16(entry, little) !== orientationTag) continue;
    const value = tiff.getUint16(entry + 2, little) === shortType ? tiff.getUint16(entry + 8, little) : 1;
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** Turns and mirrors a picture that is stored with this orientation. */
export function turnUpright(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const { width, height, data } = pixels;
  const isTurned = orientation >= 5;
  const [newWidth, newHeight] = isTurned ? [height, width] : [width, height];
  // Upright (x, y) is stored at `origin + x * alongX + y * alongY`.
  const right = [2, 3, 7, 8].includes(orientation);
  const bottom = [3, 4, 6, 7].includes(orientation);
  const origin = (right ? width - 1 : 0) + (bottom ? (height - 1) * width : 0);
  const column = right ? -1 : 1;
  const row = bottom ? -width : width;
  const [alongX, alongY] = isTurned ? [row, column] : [column, row];
  const result = new Uint8Array(data.length);
  let out = 0;
  for (let y = 0; y < newHeight; y++) {
    for (let x = 0, at = (origin + y * alongY) * 3; x < newWidth; x++, at += alongX * 3) {
      result[out++] = data[at]!;
      result[out++] = data[at + 1]!;
      result[out++] = data[at + 2]!;
    }
  }
  return { width: newWidth, height: newHeight, data: result };
}
