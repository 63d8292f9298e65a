/** The compiled passes of resample.as and the memory that they work in. */
import { resampleModule } from "./resample-module.ts";

/** The module's functions; resample.as says what the arguments are. All are byte offsets or counts. */
export interface Passes {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  across(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    rows: number,
    width: number,
    firsts: number,
    weights: number,
    pairs: number,
  ): void;
  down(
    source: number,
    sourceStride: number,
    target: number,
    rowBytes: number,
    rows: number,
    firsts: number,
    weights: number,
    pairs: number,
  ): void;
}

/** What is used of the WebAssembly JavaScript interface; TypeScript has its types only for browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

const pageBytes = 65_536;
/** A WebAssembly memory never shrinks: one that grew beyond this for a large photo is not kept. */
const keptBytes = 16 * 1024 * 1024;

let compiled: object | undefined;
let kept: Passes | undefined;

/** The passes with a memory of at least `bytes`; for use until the next call. */
export function passesFor(bytes: number): Passes {
  compiled ??= new WebAssembly.Module(Buffer.from(resampleModule, "base64"));
  const passes = kept ?? (new WebAssembly.Instance(compiled).exports as Passes);
  kept = bytes <= keptBytes ? passes : undefined;
  const missing = bytes - passes.memory.buffer.byteLength;
  if (missing > 0) passes.memory.grow(Math.ceil(missing / pageBytes));
  return passes;
}
