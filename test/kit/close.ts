/** Compares lists of numbers with an explicit tolerance. */
import assert from "node:assert/strict";

/** Every pair within `tolerance`, absolute or relative; equal infinities pass, NaN never does. */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length, "number of values");
  for (let i = 0; i < expected.length; i++) {
    const [got, wanted] = [actual[i]!, expected[i]!];
    const isClose = got === wanted || Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    assert.ok(isClose, `value ${i} is ${got}, expected ${wanted} within ${tolerance}`);
  }
}
