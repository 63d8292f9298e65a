/**
 * Weights of Pillow's bicubic resampling along one axis (precompute_coeffs and normalize_coeffs_8bpc in
 * src/libImaging/Resample.c of Pillow 13.0.0): when shrinking, the filter's support grows with the ratio. Pure.
 */

/** Fixed-point fraction bits of weights: 32 bits less 8 of the pixel and 2 of head-room. */
export const precisionBits = 32 - 8 - 2;

/** What each output position reads along one axis. */
export interface Coefficients {
  /** Places for weights a position; positions near an edge use fewer. */
  readonly taps: number;
  /** First input position. */
  readonly first: Int32Array;
  /** Input positions from there. */
  readonly count: Int32Array;
  /** [position * taps + i], fixed point. */
  readonly weights: Int32Array;
}

const support = 2;

/** Keys' cubic convolution with a = -0.5; zero from `support` on. */
function bicubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < support ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

/** Coefficients as the WebAssembly passes read them: each weight in two 16-bit halves, taps in pairs. */
export interface PackedCoefficients {
  /** Pairs of taps a position; what is left over has weight 0. */
  readonly pairs: number;
  /** First input position. */
  readonly firsts: Int32Array;
  /** Input position after the last one that is read. */
  readonly end: number;
  /** [position, pair, 4]: low halves of the two taps, then their high halves; weight = high * 2^15 + low. */
  readonly weights: Int16Array;
}

const cache = new Map<string, PackedCoefficients>();
/** Photos of a set share few sizes; at the longest side a table takes about a megabyte. */
const cacheEntries = 64;

/** For resizing `inputSize` positions to `outputSize`: the coefficients of output positions `from` to before `to`. */
export function packedCoefficients(
  inputSize: number,
  outputSize: number,
  from: number,
  to: number,
): PackedCoefficients {
  const key = `${inputSize}/${outputSize}/${from}/${to}`;
  const known = cache.get(key);
  if (known) return known;
  const made = pack(coefficientsFor(inputSize, outputSize, from, to));
  if (cache.size >= cacheEntries) cache.clear();
  cache.set(key, made);
  return made;
}

const lowBits = 15;

function pack({ taps, first, count, weights }: Coefficients): PackedCoefficients {
  const positions = first.length;
  const pairs = Math.ceil(count.reduce((most, one) => Math.max(most, one), 1) / 2);
  const packed = new Int16Array(positions * pairs * 4);
  for (let position = 0; position < positions; position++) {
    for (let tap = 0; tap < count[position]!; tap++) {
      const weight = weights[position * taps + tap]!;
      const place = (position * pairs + (tap >> 1)) * 4 + (tap & 1);
      packed[place] = weight & ((1 << lowBits) - 1);
      packed[place + 2] = weight >> lowBits;
    }
  }
  return { pairs, firsts: first, end: first[positions - 1]! + count[positions - 1]!, weights: packed };
}

/** For resizing `inputSize` positions to `outputSize`: the coefficients of output positions `from` to before `to`. */
export function coefficientsFor(inputSize: number, outputSize: number, from: number, to: number): Coefficients {
  const scale = inputSize / outputSize;
  const filterScale = Math.max(scale, 1);
  const reach = support * filterScale;
  const taps = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(to - from);
  const count = new Int32Array(to - from);
  const weights = new Int32Array((to - from) * taps);
  const exact = new Float64Array(taps);
  for (let position = from; position < to; position++) {
    const center = (position + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - reach + 0.5));
    const used = Math.min(inputSize, Math.trunc(center + reach + 0.5)) - low;
    let sum = 0;
    for (let i = 0; i < used; i++) {
      // Multiplied by the inverse, as Pillow does: a division can differ in the last bit.
      exact[i] = bicubic((i + low - center + 0.5) * (1 / filterScale));
      sum += exact[i]!;
    }
    const start = (position - from) * taps;
    for (let i = 0; i < used; i++) weights[start + i] = fixedPoint(exact[i]! / sum);
    first[position - from] = low;
    count[position - from] = used;
  }
  return { taps, first, count, weights };
}

/** Rounded to the nearest, halves away from zero. */
function fixedPoint(weight: number): number {
  return Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * (1 << precisionBits));
}
