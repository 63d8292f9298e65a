// The two passes of Pillow's bicubic resize on interleaved RGB bytes, in AssemblyScript (WebAssembly SIMD).
// src/images/resample.ts lays out the memory; `node tools/wasm.ts` compiles this file into src/images/wasm/resample-module.ts.
//
// A weight w (22 fraction bits, Pillow's) is split as w = high * 2^15 + low with 0 <= low < 2^15, so that both halves
// are 16-bit and `i32x4.dot_i16x8_s` multiplies two taps at a time. Sums are taken modulo 2^32 as Pillow's are, so
// (sum of high) * 2^15 + (sum of low) is exactly its sum of products.
//
// Weights of one output position: `pairs` groups of 8 bytes, each for two taps: low0, low1, high0, high1 (i16). Taps
// beyond the last one have weight 0; what they read is somewhere in this memory and does not count.

const half: i32 = 1 << 21;

// @ts-ignore: decorator
@inline
function finish(low: v128, high: v128): v128 {
  const sum = i32x4.add(i32x4.add(low, i32x4.shl(high, 15)), i32x4.splat(half));
  return i32x4.shr_s(sum, 22);
}

// Two pixels of three bytes as pairs of 16 bits: r0 r1 g0 g1 b0 b1 0 0.
// @ts-ignore: decorator
@inline
function pixelPair(at: usize): v128 {
  const order = i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  return i8x16.swizzle(v128.load64_zero(at), order);
}

// Writes three bytes and one that the next pixel overwrites.
// @ts-ignore: decorator
@inline
function storePixel(at: usize, sum: v128): void {
  const words = i16x8.narrow_i32x4_s(sum, sum);
  v128.store32_lane(at, i8x16.narrow_i16x8_u(words, words), 0);
}

// Four rows at a time, so that a weight is loaded once for four pixels.
function acrossFour(source: usize, sourceStride: usize, target: usize, targetStride: usize, width: i32, firsts: usize, weights: usize, pairs: i32): void {
  for (let x: i32 = 0; x < width; x++) {
    let from0 = source + <usize>load<i32>(firsts + (<usize>x << 2));
    let from1 = from0 + sourceStride;
    let from2 = from1 + sourceStride;
    let from3 = from2 + sourceStride;
    let low0 = i32x4.splat(0), low1 = low0, low2 = low0, low3 = low0;
    let high0 = low0, high1 = low0, high2 = low0, high3 = low0;
    for (let i: i32 = 0; i < pairs; i++) {
      const low = v128.load32_splat(weights);
      const high = v128.load32_splat(weights, 4);
      const p0 = pixelPair(from0), p1 = pixelPair(from1), p2 = pixelPair(from2), p3 = pixelPair(from3);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(p0, low));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(p0, high));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(p1, low));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(p1, high));
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(p2, low));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(p2, high));
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(p3, low));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(p3, high));
      weights += 8;
      from0 += 6;
      from1 += 6;
      from2 += 6;
      from3 += 6;
    }
    storePixel(target, finish(low0, high0));
    storePixel(target + targetStride, finish(low1, high1));
    storePixel(target + 2 * targetStride, finish(low2, high2));
    storePixel(target + 3 * targetStride, finish(low3, high3));
    target += 3;
  }
}

function acrossOne(source: usize, target: usize, width: i32, firsts: usize, weights: usize, pairs: i32): void {
  for (let x: i32 = 0; x < width; x++) {
    let from = source + <usize>load<i32>(firsts + (<usize>x << 2));
    let low = i32x4.splat(0), high = low;
    for (let i: i32 = 0; i < pairs; i++) {
      const pixels = pixelPair(from);
      low = i32x4.add(low, i32x4.dot_i16x8_s(pixels, v128.load32_splat(weights)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(pixels, v128.load32_splat(weights, 4)));
      weights += 8;
      from += 6;
    }
    storePixel(target, finish(low, high));
    target += 3;
  }
}

/**
 * Resamples `rows` rows to `width` pixels. `firsts`: byte offset of each position's first tap within a row. Where rows
 * of the target touch, each row's overhanging byte is overwritten by the next row, so they are made one after the other.
 */
export function across(source: usize, sourceStride: usize, target: usize, targetStride: usize, rows: i32, width: i32, firsts: usize, weights: usize, pairs: i32): void {
  let row: i32 = 0;
  if (targetStride > <usize>width * 3) {
    for (; row + 4 <= rows; row += 4) {
      acrossFour(source + <usize>row * sourceStride, sourceStride, target + <usize>row * targetStride, targetStride, width, firsts, weights, pairs);
    }
  }
  for (; row < rows; row++) {
    acrossOne(source + <usize>row * sourceStride, target + <usize>row * targetStride, width, firsts, weights, pairs);
  }
}

/**
 * Resamples columns to `rows` rows of `rowBytes` bytes. `firsts`: byte offset of each position's first row. Writes up to
 * 15 bytes beyond the last row.
 */
export function down(source: usize, sourceStride: usize, target: usize, rowBytes: usize, rows: i32, firsts: usize, weights: usize, pairs: i32): void {
  for (let row: i32 = 0; row < rows; row++) {
    const begin = source + <usize>load<i32>(firsts + (<usize>row << 2));
    for (let column: usize = 0; column < rowBytes; column += 16) {
      let from = begin + column;
      let weight = weights;
      let low0 = i32x4.splat(0), low1 = low0, low2 = low0, low3 = low0;
      let high0 = low0, high1 = low0, high2 = low0, high3 = low0;
      for (let i: i32 = 0; i < pairs; i++) {
        const upper = v128.load(from), lower = v128.load(from + sourceStride);
        const left = i8x16.shuffle(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const right = i8x16.shuffle(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const p0 = i16x8.extend_low_i8x16_u(left), p1 = i16x8.extend_high_i8x16_u(left);
        const p2 = i16x8.extend_low_i8x16_u(right), p3 = i16x8.extend_high_i8x16_u(right);
        const low = v128.load32_splat(weight);
        const high = v128.load32_splat(weight, 4);
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(p0, low));
        high0 = i32x4.add(high0, i32x4.dot_i16x8_s(p0, high));
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(p1, low));
        high1 = i32x4.add(high1, i32x4.dot_i16x8_s(p1, high));
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(p2, low));
        high2 = i32x4.add(high2, i32x4.dot_i16x8_s(p2, high));
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(p3, low));
        high3 = i32x4.add(high3, i32x4.dot_i16x8_s(p3, high));
        weight += 8;
        from += 2 * sourceStride;
      }
      const words0 = i16x8.narrow_i32x4_s(finish(low0, high0), finish(low1, high1));
      const words1 = i16x8.narrow_i32x4_s(finish(low2, high2), finish(low3, high3));
      v128.store(target + column, i8x16.narrow_i16x8_u(words0, words1));
    }
    target += rowBytes;
    weights += <usize>pairs << 3;
  }
}
