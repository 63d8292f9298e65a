/** The compiled passes of resample.as and the memory that they work in. */
import { growMemory, type WasmMemory, WasmModule } from "../../base/wasm.ts";
import { resampleModule } from "./resample-module.ts";

/** The module's functions; resample.as says what the arguments are. All are byte offsets or counts. */
export interface Passes {
  readonly memory: WasmMemory;
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

/** A WebAssembly memory never shrinks: one that grew beyond this for a large photo is not kept. */
const keptBytes = 16 * 1024 * 1024;

const module = new WasmModule<Passes>(resampleModule);
let kept: Passes | undefined;

/** The passes with a memory of at least `bytes`; for use until the next call. */
export function passesFor(bytes: number): Passes {
  const passes = kept ?? module.instance(bytes);
  kept = bytes <= keptBytes ? passes : undefined;
  growMemory(passes.memory, bytes);
  return passes;
}
