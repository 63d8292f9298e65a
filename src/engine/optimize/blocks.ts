/**
 * Optimizers' updates as WebAssembly SIMD (wasm/updates.as), in float32 as Keras computes them. Arrays stay the callers':
 * they pass through the module's memory a block at a time, which stays in the processor's nearest cache.
 */
import { type WasmMemory, WasmModule } from "../../base/wasm.ts";
import { updatesModule } from "./wasm/updates-module.ts";

/** The module's functions; updates.as says what the arguments are. */
export interface Updates {
  readonly memory: WasmMemory;
  adam(
    stride: number,
    count: number,
    rate: number,
    fresh1: number,
    fresh2: number,
    epsilon: number,
    decay: number,
  ): void;
  sgd(stride: number, count: number, rate: number): void;
  sgdMomentum(stride: number, count: number, rate: number, momentum: number, nesterov: boolean): void;
  rmsprop(stride: number, count: number, rate: number, rho: number, fresh: number, epsilon: number): void;
}

/** Updates `count` values of a block. */
export type BlockUpdate = (updates: Updates, stride: number, count: number) => void;

const blockValues = 2048;
const strideBytes = 4 * blockValues;
/** Weights, gradients, first and second moments. */
const mostArrays = 4;

const module = new WasmModule<Updates>(updatesModule);
let shared: Updates | undefined;

/** Changes weights and moments in place, block by block. @param moments first ones before second ones */
export function updateInBlocks(
  weights: Float32Array,
  gradient: Float32Array,
  moments: readonly Float32Array[],
  update: BlockUpdate,
): void {
  shared ??= module.instance(mostArrays * strideBytes);
  const { buffer } = shared.memory;
  const changed = [weights, ...moments];
  const places = changed.map((_, i) => new Float32Array(buffer, (i === 0 ? 0 : i + 1) * strideBytes, blockValues));
  const gradientPlace = new Float32Array(buffer, strideBytes, blockValues);
  for (let start = 0; start < weights.length; start += blockValues) {
    const count = Math.min(blockValues, weights.length - start);
    gradientPlace.set(gradient.subarray(start, start + count));
    for (let i = 0; i < changed.length; i++) places[i]!.set(changed[i]!.subarray(start, start + count));
    update(shared, strideBytes, count);
    for (let i = 0; i < changed.length; i++) changed[i]!.set(places[i]!.subarray(0, count), start);
  }
}
