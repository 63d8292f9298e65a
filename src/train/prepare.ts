/** Everything about a candidate's training that is known before work starts; what cannot work is refused here. */
import { sha256Value } from "../base/hash.ts";
import { fulcrumVersion } from "../base/version.ts";
import type { Candidate } from "../config/candidate.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import { FulcrumError } from "../errors/index.ts";
import {
  type AvailableBase,
  type LoadedBase,
  loadWeights,
  type ModelInputs,
  planInputs,
  resolveBase,
  type SourceOptions,
} from "../models/index.ts";
import type { Dataset } from "../records/dataset.ts";
import { describeData, type Selection, selectPhotos } from "./selection.ts";
import { type UnfrozenNetwork, unfreezeNetworks } from "./unfreeze.ts";

export interface Prepared {
  readonly selection: Selection;
  readonly inputs: ModelInputs;
  readonly loadedBases: readonly LoadedBase[];
  /** A base each; null: it stays frozen. */
  readonly unfrozen: readonly (UnfrozenNetwork | null)[];
  /** Hash of all that training depends on, but for the machine. */
  readonly fingerprint: string;
}

/**
 * @param imported in place of the candidate's bases
 * @throws MODEL_BASE_UNAVAILABLE, TRAIN_TOO_FEW_PHOTOS, TRAIN_CHOICE_INVALID, TRAIN_LAYERS_UNKNOWN, FILE_UNREADABLE,
 *   MODEL_WEIGHTS_INVALID
 */
export async function prepareTraining(
  candidate: Candidate,
  dataset: Dataset,
  seed: number,
  sources: SourceOptions,
  imported: LoadedBase | null = null,
): Promise<Prepared> {
  const loadedBases = imported === null ? await loadBases(candidate, sources) : [imported];
  const bases = loadedBases.map(({ base }) => base);
  const selection = selectPhotos(dataset, candidate.head.photosPerClass);
  const inputs = planInputs(candidate.preprocessing, bases);
  checkClassNames(candidate, dataset.classes);
  // Under the names that the project file knows.
  const networks = bases.map(({ id, network }, i) => ({
    ...network(inputs.inputs[inputs.inputOfBase[i]!]!.size),
    name: id,
  }));
  const asked = candidate.fineTuning.epochs > 0;
  const unfrozen = asked ? unfreezeNetworks(networks, candidate.unfreeze) : bases.map(() => null);
  checkUnfrozen(candidate, unfrozen);
  const fingerprint = sha256Value({
    // Quantising comes afterwards.
    candidate: { ...candidate, quantize: null },
    seed,
    fulcrum: fulcrumVersion,
    onnxruntime: runtimeVersion,
    data: describeData(dataset, selection),
    weights: bases.map((base) => base.weights.sha256),
  });
  return { selection, inputs, loadedBases, unfrozen, fingerprint };
}

async function loadBases({ bases }: Candidate, sources: SourceOptions): Promise<LoadedBase[]> {
  const available: AvailableBase[] = [];
  // One download after the other.
  for (const id of bases) available.push(await resolveBase(id, sources));
  return Promise.all(available.map(async (base) => ({ base, weights: await loadWeights(base) })));
}

function checkUnfrozen(candidate: Candidate, unfrozen: Prepared["unfrozen"]): void {
  const { unfreeze, fineTuning } = candidate;
  const isChosen = unfreeze.layers > 0 || unfreeze.names.length > 0;
  const refuse = (problem: string, next: string): never => {
    throw new FulcrumError("TRAIN_CHOICE_INVALID", { candidate: candidate.name, problem, next });
  };
  if (isChosen && fineTuning.epochs === 0) refuse("layers are un-frozen for no epochs", "set fineTuning.epochs");
  if (fineTuning.epochs > 0 && unfrozen.every((each) => each === null)) {
    refuse("it is fine-tuned with nothing to train but the head", "set unfreeze.layers or unfreeze.names");
  }
}

function checkClassNames(candidate: Candidate, classes: readonly string[]): void {
  for (const { classWeights } of [candidate.head, candidate.fineTuning]) {
    const unknown =
      typeof classWeights === "string" ? undefined : Object.keys(classWeights).find((name) => !classes.includes(name));
    if (unknown === undefined) continue;
    throw new FulcrumError("TRAIN_CHOICE_INVALID", {
      candidate: candidate.name,
      problem: `classWeights names ${unknown}, the classes are ${classes.join(", ")}`,
      next: "correct the name",
    });
  }
}
