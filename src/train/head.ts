/** The head to begin with: a dense layer with softmax. Pure. */
import type { Rng } from "../base/rng.ts";
import type { DenseHead } from "../models/index.ts";

/** Keras' defaults for Dense: Glorot uniform, ±sqrt(6 / (inputs + outputs)); bias 0. */
export function initialHead(featureCount: number, classCount: number, rng: Rng): DenseHead {
  const limit = Math.sqrt(6 / (featureCount + classCount));
  return {
    kernel: Float32Array.from({ length: featureCount * classCount }, () => rng.uniform(-limit, limit)),
    bias: new Float32Array(classCount),
  };
}
