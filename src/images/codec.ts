/** The only door to sharp: photo files to upright RGB pixels, and pixels to files. docs/images.md says what it does. */
import assert from "node:assert/strict";
import type { Sharp } from "sharp";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { cmykToRgb, greyToRgb } from "./channels.ts";
import { formatOf, isPhotoFormat, type PhotoFormat } from "./formats.ts";
import { decodeJpeg } from "./jpeg.ts";
import { mostScans, scansOf } from "./jpeg-scans.ts";
import { orientationOf, turnUpright } from "./orientation.ts";
import type { Pixels } from "./pixels.ts";
import type { Scratch } from "./scratch.ts";

/** More than a phone's photo has; a larger picture is refused before it is decoded. */
export const maxPixels = 100_000_000;
/** The longest side that a JPEG can have; it bounds the memory of resizing. */
export const maxSide = 65_535;

/** sharp, loaded when a photo needs it: most are JPEG files, which libjpeg-turbo decodes without it. */
async function openSharp(): Promise<typeof import("sharp").default> {
  const { default: sharp } = await import("sharp");
  // Parallel work is the callers' business: they have worker processes and threads.
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: unwantedLoaders.map((name) => `VipsForeignLoad${name}`) });
  return sharp;
}

/**
 * libvips' loaders other than of JPEG, PNG and WebP. They are named, because blocking all and unblocking three would let
 * photos fail that another thread is decoding at that moment: the list is one for the whole process.
 */
const unwantedLoaders = [
  ...["Analyze", "Csv", "DcRaw", "Fits", "Heif", "Jp2k", "Jxl", "Magick", "Magick7", "Mat", "Matrix", "Nifti", "Nsgif"],
  ...["OpenExr", "Openslide", "Pdf", "Ppm", "Rad", "Raw", "Svg", "Tiff", "Uhdr", "Vips"],
];

export interface DecodeOptions {
  /**
   * A JPEG file may be decoded at a half, a quarter or an eighth of its size as long as its short side keeps so many
   * pixels. Default: always in full.
   */
  readonly leastShortSide?: number | undefined;
  /** Memory for the pixels, for callers that are done with them before they decode again. */
  readonly scratch?: Scratch | undefined;
}

/**
 * Decodes a JPEG, PNG or WebP photo; the bytes decide which it is, not the name. EXIF orientation is applied,
 * transparency is laid on white, grey, palette, CMYK and 16-bit become 8-bit RGB; of an animation the first frame is
 * taken. Colour profiles are not applied.
 * @param name for messages
 * @throws IMAGE_FORMAT_FOREIGN; IMAGE_UNREADABLE for damaged, incomplete or empty files; IMAGE_TOO_LARGE
 */
export async function decodePhoto(bytes: Uint8Array, name: string, options: DecodeOptions = {}): Promise<Pixels> {
  const format = formatOf(bytes);
  if (bytes.length === 0) throw new FulcrumError("IMAGE_UNREADABLE", { name, problem: "it is empty" });
  if (!isPhotoFormat(format)) {
    const problem = format === null ? "its format is unknown" : `it is ${format}`;
    throw new FulcrumError("IMAGE_FORMAT_FOREIGN", { name, problem });
  }
  try {
    return (await decodeLean(bytes, format, options)) ?? (await decode(bytes, format, name));
  } catch (cause) {
    if (cause instanceof FulcrumError) throw cause;
    const detail = problemOf(cause).split("\n")[0]!;
    const problem = `it is a damaged or incomplete ${format} (${detail})`;
    throw new FulcrumError("IMAGE_UNREADABLE", { name, problem }, { cause });
  }
}

/** Most photos: JPEG files as libjpeg-turbo decodes them. undefined: that is for sharp. */
async function decodeLean(
  bytes: Uint8Array,
  format: PhotoFormat,
  { leastShortSide, scratch }: DecodeOptions,
): Promise<Pixels | undefined> {
  if (format !== "JPEG") return undefined;
  const stored = await decodeJpeg(bytes, { maxPixels, maxSide, leastShortSide, scratch });
  return stored && turnUpright(stored, orientationOf(bytes));
}

async function decode(bytes: Uint8Array, format: PhotoFormat, name: string): Promise<Pixels> {
  // sharp has no bound on them as libjpeg-turbo has.
  if (format === "JPEG" && scansOf(bytes) > mostScans)
    throw new FulcrumError("IMAGE_UNREADABLE", { name, problem: `it has more than ${mostScans} scans` });
  const sharp = await openSharp();
  const file = sharp(bytes, { limitInputPixels: false, failOn: "error", ignoreIcc: true });
  const { width, height, space, hasAlpha } = await file.metadata();
  if (width * height > maxPixels || Math.max(width, height) > maxSide)
    throw new FulcrumError("IMAGE_TOO_LARGE", { name, width, height, maxPixels, maxSide });
  const upright = file.autoOrient();
  if (space === "cmyk") {
    const inks = await rawPixels(upright.pipelineColourspace("cmyk").toColourspace("cmyk"), 4);
    return { ...inks, data: cmykToRgb(inks.data) };
  }
  const opaque = hasAlpha ? upright.flatten({ background: "#ffffff" }) : upright;
  if (space === "b-w" || space === "grey16") {
    const grey = await rawPixels(opaque.toColourspace("b-w"), 1);
    return { ...grey, data: greyToRgb(grey.data) };
  }
  return rawPixels(opaque.toColourspace("srgb"), 3);
}

/** Runs the pipeline. `data` has `channels` bytes a pixel. */
async function rawPixels(pipeline: Sharp, channels: 1 | 3 | 4): Promise<Pixels> {
  const { data, info } = await pipeline.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, channels);
  const { width, height } = info;
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** A baseline JPEG with 4:2:0 colour. @param quality 1 to 100 */
export async function encodeJpeg(pixels: Pixels, quality: number): Promise<Uint8Array> {
  return (await picture(pixels)).jpeg({ quality }).toBuffer();
}

/** An 8-bit RGB PNG: decodes to the same pixels. */
export async function encodePng(pixels: Pixels): Promise<Uint8Array> {
  return (await picture(pixels)).png().toBuffer();
}

/**
 * A picture of our own drawing as PNG: SVG text without outside references. Photos are never read so: an SVG from
 * elsewhere can fetch.
 * @param scale pixels of the PNG for one of the SVG
 */
export async function rasterizeSvg(svg: string, scale: number): Promise<Uint8Array> {
  const sharp = await openSharp();
  sharp.unblock({ operation: ["VipsForeignLoadSvg"] });
  try {
    return await sharp(Buffer.from(svg), { density: 72 * scale })
      .flatten({ background: "#ffffff" })
      .png()
      .toBuffer();
  } finally {
    sharp.block({ operation: ["VipsForeignLoadSvg"] });
  }
}

async function picture({ width, height, data }: Pixels): Promise<Sharp> {
  const sharp = await openSharp();
  return sharp(data, { raw: { width, height, channels: 3 } });
}
