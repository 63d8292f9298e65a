/** What values a tensor takes over many photos: extremes, and a histogram that widens as it needs to. Pure. */
import type { Range } from "../quantize/parameters.ts";

const bins = 4096;

export class ValueHistogram {
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  /** The bins cover -reach..reach; a power of two. */
  #reach = 2 ** -20;
  #counts = new Float64Array(bins);
  #total = 0;

  add(values: Float32Array): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    this.#low = low;
    this.#high = high;
    while (this.#reach < Math.max(-low, high)) this.#widen();
    const counts = this.#counts;
    const factor = bins / 2 / this.#reach;
    for (let i = 0; i < values.length; i++) {
      counts[Math.min(bins - 1, Math.floor(values[i]! * factor + bins / 2))]!++;
    }
    this.#total += values.length;
  }

  /** Smallest to largest value. */
  get extremes(): Range {
    return this.#total === 0 ? { low: 0, high: 0 } : { low: this.#low, high: this.#high };
  }

  /** The range without the share `1 - covered` of the values at either end, to the width of a bin, within the extremes. */
  percentiles(covered: number): Range {
    const outside = (1 - covered) * this.#total;
    const width = (2 * this.#reach) / bins;
    const low = -this.#reach + width * this.#skip(outside, (i) => i);
    const high = this.#reach - width * this.#skip(outside, (i) => bins - 1 - i);
    return { low: Math.max(low, this.extremes.low), high: Math.min(high, this.extremes.high) };
  }

  /** How many bins from one end hold no more than so many values. */
  #skip(values: number, binAt: (place: number) => number): number {
    let seen = 0;
    for (let place = 0; place < bins; place++) {
      seen += this.#counts[binAt(place)]!;
      if (seen > values) return place;
    }
    return 0;
  }

  /** Doubles the reach: two bins become one, in the middle. */
  #widen(): void {
    const merged = new Float64Array(bins);
    for (let i = 0; i < bins; i++) merged[bins / 4 + (i >> 1)]! += this.#counts[i]!;
    this.#counts = merged;
    this.#reach *= 2;
  }
}
