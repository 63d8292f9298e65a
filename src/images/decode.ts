/** The only door to sharp: photo bytes to RGB pixels, upright, and back to files. */
import sharp, { type Sharp } from "sharp";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import type { Pixels } from "./pixels.ts";

/** More pixels than any phone's photo; a larger one is refused before it is decoded. */
export const maxPixels = 100_000_000;

sharp.concurrency(1);
sharp.cache(false);
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"] });

/**
 * Decodes a JPEG, PNG or WebP photo. EXIF orientation is applied, transparency is laid on white, CMYK and 16-bit are
 * converted; of an animation the first frame is taken. docs/images.md says where that differs from PIL.
 * @param name for messages
 * @throws IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function decodePhoto(bytes: Uint8Array, name: string): Promise<Pixels> {
  try {
    const input = sharp(bytes, { limitInputPixels: false, failOn: "truncated", ignoreIcc: true });
    const { width, height, hasAlpha } = await input.metadata();
    if (width * height > maxPixels) throw new FulcrumError("IMAGE_TOO_LARGE", { name, width, height, maxPixels });
    const upright = input.autoOrient();
    const opaque = hasAlpha ? upright.flatten({ background: "#ffffff" }) : upright;
    const { data, info } = await opaque
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: rgb(data, info.channels) };
  } catch (cause) {
    if (cause instanceof FulcrumError) throw cause;
    throw new FulcrumError("IMAGE_UNREADABLE", { name, problem: firstLine(problemOf(cause)) }, { cause });
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0]!.replace(/\.$/, "");
}

/** Grey to RGB; three channels stay as they are. */
function rgb(data: Buffer, channels: number): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (channels === 3) return bytes;
  const result = new Uint8Array((bytes.length / channels) * 3);
  for (let i = 0, out = 0; i < bytes.length; i += channels, out += 3) result.fill(bytes[i]!, out, out + 3);
  return result;
}

/** A baseline JPEG, 4:2:0. */
export async function encodeJpeg(pixels: Pixels, quality: number): Promise<Uint8Array> {
  return raw(pixels).jpeg({ quality }).toBuffer();
}

export async function encodePng(pixels: Pixels): Promise<Uint8Array> {
  return raw(pixels).png().toBuffer();
}

function raw({ width, height, data }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
