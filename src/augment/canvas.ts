/** A picture in WebAssembly memory (wasm/canvas.as), where it is changed without a copy: one at a time in a thread. */
import { growMemory, type WasmMemory, WasmModule } from "../base/wasm.ts";
import type { AffineMap } from "./affine.ts";
import { canvasModule } from "./wasm/canvas-module.ts";

/** The module's functions; canvas.as says what the arguments are. */
interface CanvasFunctions {
  readonly memory: WasmMemory;
  widen(source: number, target: number, count: number): void;
  warp(
    source: number,
    width: number,
    height: number,
    target: number,
    rowStep: number,
    columnStep: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
  ): void;
  lowest(at: number, end: number): number;
  highest(at: number, end: number): number;
  shift(at: number, end: number, added: number, low: number, high: number): void;
  brighten(at: number, end: number, factor: number): void;
  brightenStretched(at: number, end: number, factor: number, low: number, span: number): void;
  narrow(source: number, target: number, count: number): void;
}

const module = new WasmModule<CanvasFunctions>(canvasModule);
let functions: CanvasFunctions | undefined;

const identity: AffineMap = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };
const pixelBytes = 12;
/** What functions read and write beyond a picture's end. */
const overhangBytes = 64;

export interface Flips {
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
}

/** Levels 0..255, three channels a pixel, rows from the top. Good until the next canvas is made. */
export class Canvas {
  readonly #functions: CanvasFunctions;
  readonly #width: number;
  readonly #height: number;
  /** Values. */
  readonly #length: number;
  /** Bytes at which the picture as it came, the changed one, and bytes begin. */
  readonly #source: number;
  readonly #target: number;
  readonly #bytes: number;

  constructor({ width, height, data }: { width: number; height: number; data: Uint8Array | Float32Array }) {
    this.#width = width;
    this.#height = height;
    this.#length = width * height * 3;
    const levelBytes = aligned(this.#length * 4 + overhangBytes);
    this.#source = 0;
    this.#target = levelBytes;
    this.#bytes = 2 * levelBytes;
    const size = this.#bytes + aligned(this.#length + overhangBytes);
    functions ??= module.instance(size);
    growMemory(functions.memory, size);
    this.#functions = functions;
    this.#load(data);
  }

  /** Order 1, mode nearest, then the flips; null: no map. */
  warp(map: AffineMap | null, { flipHorizontal, flipVertical }: Flips): void {
    const [width, height] = [this.#width, this.#height];
    const rowBytes = width * pixelBytes;
    const first =
      this.#target + (flipVertical ? (height - 1) * rowBytes : 0) + (flipHorizontal ? rowBytes - pixelBytes : 0);
    const steps = [flipVertical ? -rowBytes : rowBytes, flipHorizontal ? -pixelBytes : pixelBytes] as const;
    const { a, b, c, d, e, f } = map ?? identity;
    this.#functions.warp(this.#source, width, height, first, ...steps, a, b, c, d, e, f);
    // So that the last vector holds nothing that is not in the picture.
    const levels = this.#levels(this.#length + 3);
    levels.fill(levels[0]!, this.#length);
  }

  /** Of the warped picture, as what follows. */
  range(): readonly [low: number, high: number] {
    const at = this.#target;
    return [this.#functions.lowest(at, this.#end()), this.#functions.highest(at, this.#end())];
  }

  /** Adds to every level and limits the sum. */
  shift(added: number, [low, high]: readonly [low: number, high: number]): void {
    this.#functions.shift(this.#target, this.#end(), added, low, high);
  }

  /**
   * Pillow's ImageEnhance.Brightness on the picture cut to whole levels: v * factor in float32, limited, cut again. A
   * picture that leaves 0..255 is stretched to it first and back afterwards, as Keras does.
   */
  brighten(factor: number): void {
    const [low, high] = this.range();
    if (low >= 0 && high <= 255) this.#functions.brighten(this.#target, this.#end(), factor);
    else this.#functions.brightenStretched(this.#target, this.#end(), factor, low, Math.fround(high - low));
  }

  /** A copy of the levels. */
  levels(): Float32Array {
    return this.#levels(this.#length).slice();
  }

  /** The levels rounded to the nearest whole number, halves up, and limited to bytes. */
  toBytes(): Uint8Array {
    this.#functions.narrow(this.#target, this.#bytes, this.#length);
    return new Uint8Array(this.#functions.memory.buffer, this.#bytes, this.#length).slice();
  }

  #load(data: Uint8Array | Float32Array): void {
    const { buffer } = this.#functions.memory;
    if (data instanceof Float32Array) new Float32Array(buffer, this.#source, this.#length).set(data);
    else {
      new Uint8Array(buffer, this.#bytes, this.#length).set(data);
      this.#functions.widen(this.#bytes, this.#source, this.#length);
    }
  }

  #levels(count: number): Float32Array {
    return new Float32Array(this.#functions.memory.buffer, this.#target, count);
  }

  /** After the last level that is in the picture, in whole vectors. */
  #end(): number {
    return this.#target + aligned(4 * this.#length);
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
