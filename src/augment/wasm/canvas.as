// The changes of a picture that training spends its time on, in AssemblyScript (WebAssembly SIMD): float32 levels, three
// channels a pixel. src/augment/canvas.ts lays out the memory; `node tools/wasm.ts` compiles this file into
// src/augment/wasm/canvas-module.ts. Functions on levels take `end`, the byte after the last one, and may read and write
// up to 15 bytes beyond it.

/** Bytes to levels: `count` of them, rounded up to a multiple of 16. */
export function widen(source: usize, target: usize, count: i32): void {
  for (const end = source + <usize>count; source < end; source += 16) {
    const bytes = v128.load(source);
    const low = i16x8.extend_low_i8x16_u(bytes), high = i16x8.extend_high_i8x16_u(bytes);
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(low)));
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(low)), 16);
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(high)), 32);
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(high)), 48);
    target += 64;
  }
}

// The blue of a pixel of four floats in the low lane.
// @ts-ignore: decorator
@inline
function blue(pixel: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(pixel, pixel, 2, 3, 2, 3));
}

// (value * down) * across, as SciPy multiplies.
// @ts-ignore: decorator
@inline
function weighted(values: v128, down: v128, across: v128): v128 {
  return f64x2.mul(f64x2.mul(values, down), across);
}

/**
 * scipy.ndimage.affine_transform, order 1, mode nearest: positions and sums in float64 in SciPy's order, results rounded
 * to float32. Output pixel (row, column) reads column a*column + b*row + c and row d*column + e*row + f; it is written to
 * target + row * rowStep + column * columnStep, so that negative steps flip the picture.
 */
export function warp(
  source: usize, width: i32, height: i32, target: usize, rowStep: isize, columnStep: isize,
  a: f64, b: f64, c: f64, d: f64, e: f64, f: f64,
): void {
  const steps = f64x2.replace_lane(f64x2.splat(a), 1, d);
  const offsets = f64x2.replace_lane(f64x2.splat(c), 1, f);
  const zero = f64x2.splat(0), one = f64x2.splat(1);
  const last = f64x2.replace_lane(f64x2.splat(<f64>(width - 1)), 1, <f64>(height - 1));
  const rowBytes = <usize>width * 12;
  for (let row: i32 = 0; row < height; row++) {
    const ofRow = f64x2.replace_lane(f64x2.splat(<f64>row * b), 1, <f64>row * e);
    let out = target;
    for (let column: i32 = 0; column < width; column++) {
      const asked = f64x2.add(f64x2.add(ofRow, f64x2.mul(f64x2.splat(<f64>column), steps)), offsets);
      const position = f64x2.min(f64x2.max(asked, zero), last);
      const whole = f64x2.floor(position);
      const part = f64x2.sub(position, whole);
      const rest = f64x2.sub(one, part);
      const corner = i32x4.trunc_sat_f64x2_s_zero(whole);
      const left = i32x4.extract_lane(corner, 0), top = i32x4.extract_lane(corner, 1);
      const at = source + <usize>top * rowBytes + <usize>left * 12;
      const right: usize = left < width - 1 ? 12 : 0;
      const below = at + (top < height - 1 ? rowBytes : 0);
      const x = i64x2.shuffle(part, part, 0, 0), y = i64x2.shuffle(part, part, 1, 1);
      const restX = i64x2.shuffle(rest, rest, 0, 0), restY = i64x2.shuffle(rest, rest, 1, 1);
      const p0 = v128.load(at), p1 = v128.load(at + right), p2 = v128.load(below), p3 = v128.load(below + right);
      let redGreen = weighted(f64x2.promote_low_f32x4(p0), restY, restX);
      redGreen = f64x2.add(redGreen, weighted(f64x2.promote_low_f32x4(p1), restY, x));
      redGreen = f64x2.add(redGreen, weighted(f64x2.promote_low_f32x4(p2), y, restX));
      redGreen = f64x2.add(redGreen, weighted(f64x2.promote_low_f32x4(p3), y, x));
      let blues = weighted(blue(p0), restY, restX);
      blues = f64x2.add(blues, weighted(blue(p1), restY, x));
      blues = f64x2.add(blues, weighted(blue(p2), y, restX));
      blues = f64x2.add(blues, weighted(blue(p3), y, x));
      v128.store64_lane(out, f32x4.demote_f64x2_zero(redGreen), 0);
      v128.store32_lane(out, f32x4.demote_f64x2_zero(blues), 0, 8);
      out += columnStep;
    }
    target += rowStep;
  }
}

/** Smallest level from `at` to `end`, which are whole vectors apart. */
export function lowest(at: usize, end: usize): f32 {
  let found = v128.load(at);
  for (; at < end; at += 16) found = f32x4.pmin(found, v128.load(at));
  const half = f32x4.pmin(found, i32x4.shuffle(found, found, 2, 3, 2, 3));
  return min(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1));
}

/** Largest level, as `lowest`. */
export function highest(at: usize, end: usize): f32 {
  let found = v128.load(at);
  for (; at < end; at += 16) found = f32x4.pmax(found, v128.load(at));
  const half = f32x4.pmax(found, i32x4.shuffle(found, found, 2, 3, 2, 3));
  return max(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1));
}

/** Adds to each level and limits it. */
export function shift(at: usize, end: usize, added: f32, low: f32, high: f32): void {
  const step = f32x4.splat(added), least = f32x4.splat(low), most = f32x4.splat(high);
  for (; at < end; at += 16) {
    v128.store(at, f32x4.min(f32x4.max(f32x4.add(v128.load(at), step), least), most));
  }
}

// Pillow's ImageEnhance.Brightness of levels cut to whole ones; what is no number counts as 0.
// @ts-ignore: decorator
@inline
function brighter(levels: v128, factor: v128): v128 {
  const zero = f32x4.splat(0);
  const scaled = f32x4.mul(f32x4.trunc(f32x4.pmax(zero, levels)), factor);
  return f32x4.trunc(f32x4.min(f32x4.max(scaled, zero), f32x4.splat(255)));
}

/** Levels within 0..255. */
export function brighten(at: usize, end: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (; at < end; at += 16) v128.store(at, brighter(v128.load(at), factors));
}

/** Other levels are stretched to 0..255 and back. */
export function brightenStretched(at: usize, end: usize, factor: f32, low: f32, span: f32): void {
  const factors = f32x4.splat(factor), lows = f32x4.splat(low), spans = f32x4.splat(span), most = f32x4.splat(255);
  for (; at < end; at += 16) {
    const stretched = f32x4.mul(f32x4.div(f32x4.sub(v128.load(at), lows), spans), most);
    const levels = f32x4.div(brighter(stretched, factors), most);
    v128.store(at, f32x4.add(f32x4.mul(levels, spans), lows));
  }
}

// Rounded to the nearest whole number, halves up.
// @ts-ignore: decorator
@inline
function rounded(levels: v128): v128 {
  const whole = f32x4.trunc(levels);
  const isUp = f32x4.ge(f32x4.sub(levels, whole), f32x4.splat(0.5));
  return i32x4.sub(i32x4.trunc_sat_f32x4_s(whole), isUp);
}

/** Levels to bytes, rounded and limited: `count` of them, rounded up to a multiple of 16. */
export function narrow(source: usize, target: usize, count: i32): void {
  for (const end = target + <usize>count; target < end; target += 16) {
    const low = i16x8.narrow_i32x4_s(rounded(v128.load(source)), rounded(v128.load(source, 16)));
    const high = i16x8.narrow_i32x4_s(rounded(v128.load(source, 32)), rounded(v128.load(source, 48)));
    v128.store(target, i8x16.narrow_i16x8_u(low, high));
    source += 64;
  }
}
