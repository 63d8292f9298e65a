/** BatchNorm folded into the convolution before it, in float64, rounded once to float32. Pure. */
import type { Weight } from "./safetensors.ts";

export interface BatchNorm {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

/**
 * gamma (conv(x, W) - mean) / sqrt(variance + epsilon) + beta = conv(x, s W) + (beta - s mean), s = gamma / sqrt(...).
 * @param weight kernel, output channels first
 */
export function foldBatchNorm(weight: Weight, norm: BatchNorm): { kernel: Float32Array; bias: Float32Array } {
  const channels = norm.gamma.length;
  const channelSize = weight.data.length / channels;
  const kernel = new Float32Array(weight.data.length);
  const bias = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const scale = norm.gamma[channel]! / Math.sqrt(norm.variance[channel]! + norm.epsilon);
    bias[channel] = norm.beta[channel]! - scale * norm.mean[channel]!;
    for (let i = channel * channelSize; i < (channel + 1) * channelSize; i++) kernel[i] = scale * weight.data[i]!;
  }
  return { kernel, bias };
}
