/**
 * The session for lone photos: more threads, which nobody else needs then. It is opened when there is nothing to do, and kept
 * where it is measurably faster; it may not be, on a machine that gives less than it promises.
 */
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import type { Pixels } from "../images/index.ts";
import type { Classifier } from "../predict/index.ts";

/** After so long without a photo there is time to try. */
const idleMs = 500;
/** Whatever had the cores during one try may be gone at the next one, after more photos. */
const mostTries = 5;
/** Runs that are compared; the best of each counts, since whatever else runs on the machine only adds time. */
const comparedRuns = 3;
/** More threads are worth it where they take this share of the time off. */
const leastGain = 0.1;
/** A picture that every model takes. */
export const blank: Pixels = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) };

export class LoneClassifier {
  readonly #narrow: Classifier;
  /** undefined where there are no more threads to use. */
  readonly #openWide: (() => Promise<Classifier>) | undefined;
  #wide: Classifier | undefined;
  #triesLeft = mostTries;
  #isTrying = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(narrow: Classifier, openWide: (() => Promise<Classifier>) | undefined) {
    this.#narrow = narrow;
    this.#openWide = openWide;
    this.photoCame();
  }

  /** The faster session, as far as is known. */
  get best(): Classifier {
    return this.#wide ?? this.#narrow;
  }

  /** The time without a photo begins anew. */
  photoCame(): void {
    clearTimeout(this.#idle);
    if (!this.#openWide || this.#wide || this.#isTrying || this.#triesLeft === 0) return;
    this.#idle = setTimeout(() => void this.#try(), idleMs).unref();
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#wide?.dispose();
  }

  async #try(): Promise<void> {
    this.#isTrying = true;
    this.#triesLeft--;
    const wide = await this.#openWide!();
    if (await isFaster(wide, this.#narrow)) this.#wide = wide;
    else await wide.dispose();
    this.#isTrying = false;
  }
}

async function isFaster(wide: Classifier, narrow: Classifier): Promise<boolean> {
  const best = { wide: Number.POSITIVE_INFINITY, narrow: Number.POSITIVE_INFINITY };
  for (let run = 0; run < comparedRuns; run++) {
    best.wide = Math.min(best.wide, (await timed(() => wide.classifyPixels([blank]))).ms);
    best.narrow = Math.min(best.narrow, (await timed(() => narrow.classifyPixels([blank]))).ms);
    // A photo that came meanwhile goes first.
    await setImmediate();
  }
  return best.wide < best.narrow * (1 - leastGain);
}

/** What `work` gives, and the milliseconds that it took. */
export async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const startMs = performance.now();
  const result = await work();
  return { result, ms: performance.now() - startMs };
}
