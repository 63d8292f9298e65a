// The updates of optimizers.ts on a block of float32 values, in AssemblyScript (WebAssembly SIMD).
// src/engine/optimize/blocks.ts moves values through the block; `node tools/wasm.ts` compiles this file into
// src/engine/optimize/wasm/updates-module.ts.
//
// Memory: `stride` bytes each for weights, gradients, first and second moments, in this order. `count` values are
// changed, rounded up to a multiple of four.

/** Adam; with `decay` = d lr first w -= decay w. rate = lr sqrt(1 - b2^t) / (1 - b1^t); fresh1 = 1 - b1, fresh2 = 1 - b2. */
export function adam(stride: usize, count: i32, rate: f32, fresh1: f32, fresh2: f32, epsilon: f32, decay: f32): void {
  const end = <usize>count << 2;
  const rates = f32x4.splat(rate), firsts = f32x4.splat(fresh1), seconds = f32x4.splat(fresh2);
  const epsilons = f32x4.splat(epsilon), decays = f32x4.splat(decay);
  for (let at: usize = 0; at < end; at += 16) {
    let w = v128.load(at);
    const g = v128.load(at + stride);
    let m = v128.load(at + 2 * stride);
    let v = v128.load(at + 3 * stride);
    w = f32x4.sub(w, f32x4.mul(w, decays));
    m = f32x4.add(m, f32x4.mul(f32x4.sub(g, m), firsts));
    v = f32x4.add(v, f32x4.mul(f32x4.sub(f32x4.mul(g, g), v), seconds));
    w = f32x4.sub(w, f32x4.div(f32x4.mul(m, rates), f32x4.add(f32x4.sqrt(v), epsilons)));
    v128.store(at, w);
    v128.store(at + 2 * stride, m);
    v128.store(at + 3 * stride, v);
  }
}

/** w -= rate g */
export function sgd(stride: usize, count: i32, rate: f32): void {
  const end = <usize>count << 2;
  const rates = f32x4.splat(rate);
  for (let at: usize = 0; at < end; at += 16) {
    const g = v128.load(at + stride);
    v128.store(at, f32x4.sub(v128.load(at), f32x4.mul(g, rates)));
  }
}

/** m = momentum m - rate g; w += m, or with Nesterov w += momentum m - rate g. */
export function sgdMomentum(stride: usize, count: i32, rate: f32, momentum: f32, nesterov: bool): void {
  const end = <usize>count << 2;
  const rates = f32x4.splat(rate), kept = f32x4.splat(momentum);
  for (let at: usize = 0; at < end; at += 16) {
    const step = f32x4.mul(v128.load(at + stride), rates);
    const m = f32x4.sub(f32x4.mul(v128.load(at + 2 * stride), kept), step);
    v128.store(at + 2 * stride, m);
    const moved = nesterov ? f32x4.sub(f32x4.mul(m, kept), step) : m;
    v128.store(at, f32x4.add(v128.load(at), moved));
  }
}

/** v = rho v + fresh g^2, fresh = 1 - rho; w -= rate g / sqrt(v + e). */
export function rmsprop(stride: usize, count: i32, rate: f32, rho: f32, fresh: f32, epsilon: f32): void {
  const end = <usize>count << 2;
  const rates = f32x4.splat(rate), kept = f32x4.splat(rho), news = f32x4.splat(fresh), epsilons = f32x4.splat(epsilon);
  for (let at: usize = 0; at < end; at += 16) {
    const g = v128.load(at + stride);
    const v = f32x4.add(f32x4.mul(v128.load(at + 2 * stride), kept), f32x4.mul(f32x4.mul(g, g), news));
    v128.store(at + 2 * stride, v);
    const step = f32x4.div(f32x4.mul(g, rates), f32x4.sqrt(f32x4.add(v, epsilons)));
    v128.store(at, f32x4.sub(v128.load(at), step));
  }
}
