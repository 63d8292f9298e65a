/**
 * The only door to libjpeg-turbo: decodes RGB and grey JPEG files, on request at half, a quarter or an eighth of their
 * size. The library is the one in the package @julusian/jpeg-turbo, called through koffi, because that package's own
 * functions neither scale nor use the accurate DCT (docs/decisions/010-jpeg-decoder.md). What it does not decode is left to sharp, which
 * gives the same pixels.
 * Source of names and numbers: turbojpeg.h of libjpeg-turbo 3.1.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { mostScans } from "./jpeg-scans.ts";
import type { Pixels } from "./pixels.ts";
import type { Scratch } from "./scratch.ts";

const initDecompress = 1;
const rgbFormat = 0;
const parameters = {
  stopOnWarning: 0,
  width: 5,
  height: 6,
  precision: 7,
  colorspace: 8,
  scanLimit: 13,
  lossless: 15,
} as const;
const colorspaces = { rgb: 0, yCbCr: 1, grey: 2 } as const;
/** Halving by powers of two is what libjpeg-turbo does with SIMD instructions. */
const divisors = [8, 4, 2] as const;

type Handle = object;
type Koffi = typeof import("koffi").default;

interface Library {
  set(handle: Handle, parameter: number, value: number): number;
  get(handle: Handle, parameter: number): number;
  readHeader(handle: Handle, jpeg: Uint8Array, bytes: number): number;
  setScale(handle: Handle, scale: { readonly num: number; readonly denom: number }): number;
  decompress(handle: Handle, jpeg: Uint8Array, bytes: number, out: Uint8Array, pitch: number, format: number): number;
  /** One for this thread; calls are synchronous, so photos take turns. */
  readonly handle: Handle;
}

/** undefined: not asked for yet; null: this platform has none. */
let library: Library | null | undefined;

/** True where JPEG files are decoded by libjpeg-turbo directly. */
export async function hasTurbo(): Promise<boolean> {
  library ??= await openLibrary();
  return library !== null;
}

/** Looked for in this order: glibc and musl builds lie side by side, only one of them can be loaded. */
function candidates(): string[] {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("@julusian/jpeg-turbo/package.json")),
    "prebuilds",
  );
  const platform = `jpeg-turbo-${process.platform}-${process.arch}`;
  // Outside Linux the library is linked into the addon.
  const names = [
    `${platform}/libturbojpeg.so.0`,
    `${platform}-musl/libturbojpeg.so.0`,
    `${platform}/node-napi-v10.node`,
  ];
  return names.map((name) => join(folder, name)).filter((path) => existsSync(path));
}

async function openLibrary(): Promise<Library | null> {
  let koffi: Koffi;
  try {
    koffi = (await import("koffi")).default;
  } catch {
    return null; // No build for this platform: sharp decodes.
  }
  for (const path of candidates()) {
    try {
      return bind(koffi, path);
    } catch {
      // Made for another C library; the next one, or sharp.
    }
  }
  return null;
}

function bind(koffi: Koffi, path: string): Library {
  const lib = koffi.load(path);
  const scale = koffi.struct({ num: "int", denom: "int" });
  const set = lib.func("tj3Set", "int", ["void *", "int", "int"]) as Library["set"];
  const handle = lib.func("tj3Init", "void *", ["int"])(initDecompress) as Handle | null;
  if (handle === null) throw new Error("tj3Init failed");
  set(handle, parameters.stopOnWarning, 1);
  set(handle, parameters.scanLimit, mostScans);
  return {
    handle,
    set,
    get: lib.func("tj3Get", "int", ["void *", "int"]) as Library["get"],
    readHeader: lib.func("tj3DecompressHeader", "int", ["void *", "uint8_t *", "size_t"]) as Library["readHeader"],
    setScale: lib.func("tj3SetScalingFactor", "int", ["void *", scale]) as Library["setScale"],
    decompress: lib.func("tj3Decompress8", "int", [
      "void *",
      "uint8_t *",
      "size_t",
      "uint8_t *",
      "int",
      "int",
    ]) as Library["decompress"],
  };
}

export interface JpegLimits {
  readonly maxPixels: number;
  readonly maxSide: number;
  /** The picture may be decoded smaller as long as its short side keeps so many pixels; undefined: in full. */
  readonly leastShortSide: number | undefined;
  readonly scratch?: Scratch | undefined;
}

/**
 * Pixels as they are stored, not turned upright. undefined where libjpeg-turbo is missing, does not decode this file (CMYK,
 * 12 bits, lossless), finds anything wrong with it, or it is too large: then sharp decides, and says why not.
 */
export async function decodeJpeg(jpeg: Uint8Array, limits: JpegLimits): Promise<Pixels | undefined> {
  if (!(await hasTurbo()) || !library) return undefined;
  const { handle, get } = library;
  if (library.readHeader(handle, jpeg, jpeg.byteLength) !== 0) return undefined;
  const [width, height] = [get(handle, parameters.width), get(handle, parameters.height)];
  const isKnown = Object.values(colorspaces).some((known) => known === get(handle, parameters.colorspace));
  if (!isKnown || get(handle, parameters.precision) !== 8 || get(handle, parameters.lossless) === 1) return undefined;
  if (width * height > limits.maxPixels || Math.max(width, height) > limits.maxSide) return undefined;
  const divisor = divisorFor(Math.min(width, height), limits.leastShortSide);
  if (library.setScale(handle, { num: 1, denom: divisor }) !== 0) return undefined;
  const scaled = { width: Math.ceil(width / divisor), height: Math.ceil(height / divisor) };
  const bytes = scaled.width * scaled.height * 3;
  const data = limits.scratch?.take(bytes) ?? new Uint8Array(bytes);
  const failed = library.decompress(handle, jpeg, jpeg.byteLength, data, 0, rgbFormat) !== 0;
  return failed ? undefined : { ...scaled, data };
}

/** The largest of 1, 2, 4, 8 that leaves `least` pixels of `side`. */
function divisorFor(side: number, least: number | undefined): number {
  if (least === undefined) return 1;
  return divisors.find((divisor) => Math.ceil(side / divisor) >= least) ?? 1;
}
