/**
 * The search space: what an arm (a candidate to be tried) may be. An arm depends on the seed and its number only, so
 * that a search which was killed draws the same ones again. Pure.
 */
import type { Rng } from "../base/rng.ts";
import { type Candidate, candidate } from "../config/candidate.ts";
import { tuningAugmentation } from "../config/presets.ts";
import type { TuningChoices } from "../config/tuning.ts";

type Space = Pick<TuningChoices, "bases" | "sizes" | "layers">;

/** At most so many bases are joined: the three embedded ones. */
const mostBases = 3;

/** Every set of 1 to 3 bases, in the order of the list. */
export function baseSets<Id extends string>(bases: readonly Id[]): Id[][] {
  const sets = Array.from({ length: 2 ** bases.length - 1 }, (_, i) => bases.filter((_, bit) => (i + 1) & (1 << bit)));
  return sets.filter((set) => set.length <= mostBases);
}

/** Versions of each photo that a fine-tuned arm keeps: more would take most of a short budget to make. */
const versions = 3;

/** Random changes of training photos, from none to the fine-tuned preset's. */
const augmentations = [
  null,
  { horizontalFlip: true, brightness: [0.8, 1.2], versions },
  { ...tuningAugmentation, versions },
];

/** The kinds of arms, as many of each: what they add to bases and resolution. */
const kinds: readonly ((rng: Rng, space: Space) => object)[] = [drawHead, drawFineTuning];

/** Arm number `index`: bases, resolution, and a head alone or with the last layers un-frozen. */
export function drawArm(space: Space, index: number, rng: Rng): Candidate {
  const own = rng.fork(index);
  const bases = own.pick(baseSets(space.bases));
  const isOwnSize = own.float() < 0.5 || space.sizes.length === 0;
  const size = isOwnSize ? null : own.pick(space.sizes);
  const draw = own.pick(kinds);
  return candidate.parse({ name: `arm-${index}`, bases, preprocessing: { size }, ...draw(own, space) });
}

/** The base is frozen; its features are computed once. */
function drawHead(rng: Rng): object {
  return {
    head: {
      epochs: 60,
      patience: 10,
      optimizer: { learningRate: logUniform(rng, 1e-4, 1e-2) },
      dropout: rng.pick([0, 0.2, 0.3, 0.5]),
      l2: rng.pick([0, 1e-4, 3e-4, 1e-3, 3e-3]),
    },
  };
}

/** A short head training, then the last k layers with it. */
function drawFineTuning(rng: Rng, space: Space): object {
  const layers = space.layers.length === 0 ? 0 : rng.pick(space.layers);
  if (layers === 0) return drawHead(rng);
  const dropout = rng.pick([0.2, 0.3, 0.5]);
  const labelSmoothing = rng.pick([0, 0.1]);
  return {
    head: { epochs: 10, optimizer: { learningRate: 0.001 }, dropout, labelSmoothing },
    unfreeze: { layers },
    fineTuning: {
      epochs: rng.pick([4, 8]),
      optimizer: { name: "adamw", learningRate: logUniform(rng, 1e-4, 1e-3), weightDecay: 0.05 },
      schedule: { kind: "cosine", warmupEpochs: 0.5 },
      dropout,
      labelSmoothing,
      mixup: rng.pick([0, 0.2]),
    },
    augmentation: rng.pick(augmentations),
  };
}

/** Two digits, so that a written project file can be read. */
function logUniform(rng: Rng, low: number, high: number): number {
  return Number(Math.exp(rng.uniform(Math.log(low), Math.log(high))).toPrecision(2));
}
