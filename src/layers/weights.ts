/**
 * Weights of layers, by `LAYER/WEIGHT` with Keras' names of weights (`kernel`, `gamma`, `moving_mean` ...). They are
 * held in the engine's layout: convolution kernels [out, in / groups, rows, columns], depthwise ones
 * [channels * multiplier, 1, rows, columns], dense ones [in, out] as Keras has them. Pure.
 */
import type { Rng } from "../base/rng.ts";
import { FulcrumError } from "../errors/index.ts";

/** A tensor with its values widened to float32, row-major. */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Weights = ReadonlyMap<string, Weight>;

/** Gives a layer's weight of the shape that the network needs. */
export type WeightSource = (layer: string, weight: string, shape: readonly number[]) => Weight;

/** Weights that are at hand. @throws LAYER_WEIGHT_MISSING, LAYER_WEIGHT_SHAPE */
export function storedWeights(weights: Weights): WeightSource {
  return (layer, weight, expected) => {
    const found = weights.get(`${layer}/${weight}`);
    if (!found) throw new FulcrumError("LAYER_WEIGHT_MISSING", { layer, weight });
    if (found.shape.join() === expected.join()) return found;
    throw new FulcrumError("LAYER_WEIGHT_SHAPE", {
      layer,
      weight,
      shape: `[${found.shape}]`,
      expected: `[${expected}]`,
    });
  };
}

/**
 * Weights for measuring time and memory where none are at hand: kernels uniform in He's bounds, no shift, unit scale.
 * Keeps what it has given in `kept`, so that a network can be lowered twice with the same values.
 */
export function randomWeights(rng: Rng, kept = new Map<string, Weight>()): WeightSource {
  return (layer, weight, shape) => {
    const key = `${layer}/${weight}`;
    const known = kept.get(key);
    if (known) return known;
    const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
    if (weight.endsWith("kernel")) {
      const fanIn = shape.length === 2 ? shape[0]! : data.length / shape[0]!;
      const bound = Math.sqrt(6 / fanIn);
      for (let i = 0; i < data.length; i++) data[i] = rng.uniform(-bound, bound);
    } else if (weight === "gamma" || weight.endsWith("variance")) {
      data.fill(1);
    }
    const made = { shape, data };
    kept.set(key, made);
    return made;
  };
}

/** Kinds of kernels, which Keras and the engine lay out differently. */
export type KernelLayout = "convolution" | "depthwise";

/** From Keras' [rows, columns, in / groups, out] or [rows, columns, channels, multiplier] to the engine's layout. */
export function fromKerasLayout({ shape, data }: Weight, layout: KernelLayout): Weight {
  const [rows, columns, a, b] = shape as [number, number, number, number];
  const pixels = rows * columns;
  const result = new Float32Array(data.length);
  // Convolution: [pixel][in][out] to [out][in][pixel]. Depthwise: [pixel][channel * multiplier] to its transpose.
  const [outer, inner] = layout === "convolution" ? [b, a] : [a * b, 1];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      for (let p = 0; p < pixels; p++) result[(o * inner + i) * pixels + p] = data[(p * inner + i) * outer + o]!;
    }
  }
  return { shape: [outer, inner, rows, columns], data: result };
}

/** The inverse of `fromKerasLayout`. @param multiplier outputs a channel, of depthwise kernels */
export function toKerasLayout({ shape, data }: Weight, layout: KernelLayout, multiplier = 1): Weight {
  const [outer, inner, rows, columns] = shape as [number, number, number, number];
  const pixels = rows * columns;
  const result = new Float32Array(data.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      for (let p = 0; p < pixels; p++) result[(p * inner + i) * outer + o] = data[(o * inner + i) * pixels + p]!;
    }
  }
  const channels = layout === "convolution" ? [inner, outer] : [outer / multiplier, multiplier];
  return { shape: [rows, columns, ...channels], data: result };
}
