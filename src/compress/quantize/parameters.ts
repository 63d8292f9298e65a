/**
 * Numbers of quantisation: from a range of real values to a scale and a zero point, and from real weights to integers.
 * value = scale * (integer - zero point). Pure.
 */

/** Real values that an activation takes. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface QuantParams {
  readonly scale: number;
  /** Integer that stands for 0, 0..255. */
  readonly zeroPoint: number;
}

/** int8 uses -127..127; 7 bits use -63..63, so that the sum of two products of uint8 and weight fits into 16 bits. */
export type WeightBits = 7 | 8;

/** Smallest scale: below it, 1 / scale is not finite in float32. */
const smallestScale = 1e-30;
const largestByte = 255;

/** uint8 over a range, widened to hold 0 exactly (zero padding is 0; ReLU's floor is 0). */
export function activationParams({ low, high }: Range): QuantParams {
  const bottom = Math.min(low, 0);
  const top = Math.max(high, 0);
  const scale = Math.fround(Math.max((top - bottom) / largestByte, smallestScale));
  return { scale, zeroPoint: Math.min(largestByte, Math.max(0, Math.round(-bottom / scale))) };
}

/** Weights as integers: row i of `values` (rows of equal length) is scales[i] * integers of row i. */
export interface QuantizedWeights {
  readonly integers: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Symmetric weights, a scale a channel.
 * @param channelOf channel of the i-th value
 * @param smallest smallest allowed scale of each channel
 */
export function quantizeWeights(
  values: Float32Array,
  channelOf: (index: number) => number,
  smallest: readonly number[],
  bits: WeightBits,
): QuantizedWeights {
  const largest = 2 ** (bits - 1) - 1;
  const peaks = new Float64Array(smallest.length);
  for (let i = 0; i < values.length; i++) {
    const channel = channelOf(i);
    peaks[channel] = Math.max(peaks[channel]!, Math.abs(values[i]!));
  }
  const scales = Float32Array.from(peaks, (peak, i) => Math.max(peak / largest, smallest[i]!, smallestScale));
  // A plain loop: large networks have tens of millions of weights.
  const integers = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const scaled = roundHalfToEven(values[i]! / scales[channelOf(i)]!);
    integers[i] = Math.min(largest, Math.max(-largest, scaled));
  }
  return { integers, scales };
}

/** int32 biases of a layer: multiples of input scale times weight scale, as its integer products are. */
export function quantizeBias(bias: ArrayLike<number>, inputScale: number, weightScales: Float32Array) {
  const scales = weightScales.map((scale) => inputScale * scale);
  return { integers: Int32Array.from(bias, (value, i) => roundHalfToEven(value / scales[i]!)), scales };
}

/** The weight scale from which on a bias fits into 31 bits. */
export function smallestWeightScale(bias: number, inputScale: number): number {
  return Math.abs(bias) / (inputScale * 2 ** 30);
}

/** As ONNX rounds. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
