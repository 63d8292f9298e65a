/** Gradient clipping with Keras' formulas, in place. Pure. */

export interface Clipping {
  /** Each gradient's norm is at most this (`clipnorm`); null: no limit. */
  readonly norm: number | null;
  /** The norm of all gradients together is at most this (`global_clipnorm`). */
  readonly globalNorm: number | null;
  /** Each value stays within ± this (`clipvalue`). */
  readonly value: number | null;
}

export const noClipping: Clipping = { norm: null, globalNorm: null, value: null };

export function clipGradients(gradients: readonly Float32Array[], { norm, globalNorm, value }: Clipping): void {
  if (norm !== null) for (const gradient of gradients) scale(gradient, norm / Math.max(normOf([gradient]), norm));
  if (globalNorm !== null) {
    const factor = globalNorm / Math.max(normOf(gradients), globalNorm);
    for (const gradient of gradients) scale(gradient, factor);
  }
  if (value === null) return;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) gradient[i] = Math.min(Math.max(gradient[i]!, -value), value);
  }
}

function normOf(arrays: readonly Float32Array[]): number {
  let sum = 0;
  for (const values of arrays) for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum);
}

function scale(values: Float32Array, factor: number): void {
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i]! *= factor;
}
