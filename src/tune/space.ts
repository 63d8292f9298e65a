/**
 * The search space: what an arm (a candidate to be tried) may be. An arm depends on the seed and its number only, so
 * that a search which was killed draws the same ones again. Pure.
 */
import type { Rng } from "../base/rng.ts";
import { type Candidate, candidate } from "../config/candidate.ts";
import type { TuningChoices } from "../config/tuning.ts";

type Space = Pick<TuningChoices, "bases" | "sizes">;

/** At most so many bases are joined: the three embedded ones. */
const mostBases = 3;

/** Every set of 1 to 3 bases, in the order of the list. */
export function baseSets<Id extends string>(bases: readonly Id[]): Id[][] {
  const sets = Array.from({ length: 2 ** bases.length - 1 }, (_, i) => bases.filter((_, bit) => (i + 1) & (1 << bit)));
  return sets.filter((set) => set.length <= mostBases);
}

/** Arm number `index`: bases, resolution, head; all frozen but the head. */
export function drawArm(space: Space, index: number, rng: Rng): Candidate {
  const own = rng.fork(index);
  const bases = own.pick(baseSets(space.bases));
  const isOwnSize = own.float() < 0.5 || space.sizes.length === 0;
  const size = isOwnSize ? null : own.pick(space.sizes);
  return candidate.parse({
    name: `arm-${index}`,
    bases,
    preprocessing: { size },
    head: {
      epochs: 60,
      patience: 10,
      optimizer: { learningRate: logUniform(own, 1e-4, 1e-2) },
      dropout: own.pick([0, 0.2, 0.3, 0.5]),
      l2: own.pick([0, 1e-4, 3e-4, 1e-3, 3e-3]),
    },
  });
}

/** Two digits, so that a written project file can be read. */
function logUniform(rng: Rng, low: number, high: number): number {
  return Number(Math.exp(rng.uniform(Math.log(low), Math.log(high))).toPrecision(2));
}
