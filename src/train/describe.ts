/** What training did, in the words of records and model files. Pure. */
import { fulcrumVersion } from "../base/version.ts";
import type { Augmentation, Candidate, Optimizer } from "../config/candidate.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import { describeBase, type ModelMetadata, metadataFormatVersion, type TrainingSummary } from "../models/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { PhaseSummary as PhaseChoicesSummary, Training } from "../records/training.ts";
import type { PhaseChoices } from "./labels.ts";
import type { PhaseSummary, TrainedPhases } from "./phases.ts";
import type { Prepared } from "./prepare.ts";
import { describeData } from "./selection.ts";

/** The phase that made the weights that were kept, and what they reached. */
export function keptBest({ head, tuning }: Pick<TrainedPhases, "head" | "tuning">): { accuracy: number; loss: number } {
  const { accuracy, loss } = (tuning ?? head).best;
  return { accuracy, loss };
}

export function describeModel(
  { candidate, dataset, seed }: { candidate: Candidate; dataset: Dataset; seed: number },
  { selection, loadedBases, inputs, unfrozen }: Prepared,
  phases: TrainedPhases,
): ModelMetadata & { readonly training: TrainingSummary } {
  const { head, tuning, trainedParameters } = phases;
  const kept = keptBest(phases);
  return {
    formatVersion: metadataFormatVersion,
    versions: { fulcrum: fulcrumVersion, onnxruntime: runtimeVersion },
    classes: dataset.classes,
    preprocessing: [...inputs.inputs],
    bases: loadedBases.map(({ base }) => describeBase(base)),
    training: {
      candidate: candidate.name,
      role: candidate.role,
      choices: describeChoices(candidate, unfrozen),
      photos: { training: selection.training.length, validation: selection.validation.length },
      data: describeData(dataset, selection),
      seed,
      ...describePhase(head),
      fineTuning: tuning && {
        ...describePhase(tuning),
        layers: trainedLayers(loadedBases, unfrozen),
        batchNorm: candidate.unfreeze.batchNorm,
        trainedParameters,
      },
      validationAccuracy: kept.accuracy,
      validationLoss: kept.loss,
    },
    synthetic: dataset.synthetic,
    compression: null,
    imported: null,
    evaluation: null,
  };
}

function describePhase({ history, best, stoppedEarly }: PhaseSummary) {
  return { epochs: history.length, bestEpoch: best.epoch, stoppedEarly };
}

/** Names of the layers that were trained, by base. */
export function trainedLayers(
  loadedBases: Prepared["loadedBases"],
  unfrozen: Prepared["unfrozen"],
): Record<string, string[]> {
  const entries = loadedBases.flatMap(({ base }, i) =>
    unfrozen[i] ? [{ id: base.id, names: [...unfrozen[i].trainable] }] : [],
  );
  return Object.fromEntries(entries.map(({ id, names }) => [id, names]));
}

export function describeChoices(
  { head, fineTuning, augmentation }: Candidate,
  unfrozen: Prepared["unfrozen"],
): Training["choices"] {
  return {
    augmentation: augmentation && describeAugmentation(augmentation),
    head: { ...describePhaseChoices(head, head.epochs), l2: head.l2, photosPerClass: head.photosPerClass },
    unfrozenLayers: Math.max(...unfrozen.map(countLayers)),
    fineTuning: fineTuning.epochs > 0 ? describePhaseChoices(fineTuning, fineTuning.epochs) : null,
  };
}

/** Layers from the first un-frozen one on, as Keras counts. */
function countLayers(unfrozen: Prepared["unfrozen"][number]): number {
  return unfrozen ? unfrozen.tail.layers.length - unfrozen.boundary.length : 0;
}

/** Options that are on. */
function describeAugmentation(augmentation: Augmentation): Record<string, unknown> {
  const isOn = ([key, value]: [string, unknown]) =>
    value !== null && value !== 0 && value !== false && !(key === "interpolationOrder" && value === 1);
  return Object.fromEntries(Object.entries(augmentation).filter(isOn));
}

function describePhaseChoices(choices: PhaseChoices, epochs: number): PhaseChoicesSummary {
  const { optimizer, batchSize, dropout, patience, labelSmoothing, mixup, classWeights, clip } = choices;
  const limits = Object.entries(clip).filter(([, limit]) => limit !== null);
  return {
    epochs,
    optimizer: describeOptimizer(optimizer),
    learningRate: optimizer.learningRate,
    schedule: describeSchedule(choices.schedule),
    batchSize,
    dropout,
    labelSmoothing,
    mixup,
    patience,
    classWeights: typeof classWeights === "string" ? classWeights : JSON.stringify(classWeights),
    clip: limits.length === 0 ? "none" : limits.map(([name, limit]) => `${name} ${limit}`).join(", "),
  };
}

function describeOptimizer({ name, momentum, nesterov, weightDecay }: Optimizer): string {
  if (name === "adamw") return `adamw (weight decay ${weightDecay})`;
  return name === "momentum" ? `momentum (${momentum}${nesterov ? ", Nesterov" : ""})` : name;
}

function describeSchedule({ kind, warmupEpochs, floor, factor, patience }: PhaseChoices["schedule"]): string {
  if (kind === "cosine") return `cosine (warm-up ${warmupEpochs} epochs, to ${floor} of the rate)`;
  return kind === "plateau" ? `plateau (times ${factor} after ${patience} epochs)` : kind;
}
