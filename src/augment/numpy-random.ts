/**
 * NumPy's legacy random generator, as `np.random.seed` and the module functions give it: MT19937 (Matsumoto &
 * Nishimura 1998) with the draws of numpy.random.RandomState (NumPy 1.26). Same seed, same numbers, to the last bit.
 */

const stateLength = 624;
const middle = 397;

export class NumpyRandom {
  readonly #key = new Uint32Array(stateLength);
  #position = stateLength;

  /** @param seed whole number, 0 to 2^32 - 1 */
  constructor(seed: number) {
    this.#key[0] = seed;
    for (let i = 1; i < stateLength; i++) {
      const previous = this.#key[i - 1]!;
      this.#key[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.#position === stateLength) this.#refill();
    let y = this.#key[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** `random_sample()`: uniform in [0, 1), 53 bits. */
  random(): number {
    const high = this.uint32() >>> 5;
    return (high * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** `uniform(low, high)`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** `choice(items)`; a single item draws nothing. */
  choice<T>(items: readonly T[]): T {
    return items[this.#bounded(items.length - 1)]!;
  }

  /** `permutation(count)`. */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.#bounded(i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** Uniform in 0..maximum (< 2^32): masked bits, drawn again while they are too large. */
  #bounded(maximum: number): number {
    if (maximum === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(maximum)) - 1;
    let value = 0;
    do value = (this.uint32() & mask) >>> 0;
    while (value > maximum);
    return value;
  }

  #refill(): void {
    const key = this.#key;
    for (let i = 0; i < stateLength; i++) {
      const y = (key[i]! & 0x80000000) | (key[(i + 1) % stateLength]! & 0x7fffffff);
      key[i] = key[(i + middle) % stateLength]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}
