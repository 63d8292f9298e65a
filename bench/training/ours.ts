/**
 * Our side: the train stage's own parts (supply of augmented photos, frozen front, tail, both phases) on random weights,
 * for which it has no other door. Photos are JPEG files on disk and decoded afresh, which Keras' are not.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { sha256 } from "../../src/base/hash.ts";
import { noProgress } from "../../src/base/progress.ts";
import { Rng } from "../../src/base/rng.ts";
import { calibrate } from "../../src/compress/calibrate/calibrate.ts";
import { quantizeGraph } from "../../src/compress/quantize/quantize-graph.ts";
import { integerReadyGraph } from "../../src/compress/quantize-model.ts";
import { type BaseId, type Candidate, candidate } from "../../src/config/candidate.ts";
import { originalProject } from "../../src/config/presets.ts";
import { GraphBuilder } from "../../src/engine/graph/index.ts";
import { encodeModel } from "../../src/engine/onnx/index.ts";
import { encodeJpeg } from "../../src/images/index.ts";
import { lowerNetwork, randomWeights, type Weight } from "../../src/layers/index.ts";
import { type AvailableBase, bases, featuresOutput, type LoadedBase, planInputs } from "../../src/models/index.ts";
import type { Dataset, Photo } from "../../src/records/dataset.ts";
import type { Extractor } from "../../src/train/feature-job.ts";
import { makeExtractor } from "../../src/train/frozen.ts";
import { runPhases, type TrainedPhases } from "../../src/train/phases.ts";
import type { Prepared } from "../../src/train/prepare.ts";
import { selectPhotos } from "../../src/train/selection.ts";
import { FreshSource } from "../../src/train/sources.ts";
import { Supply } from "../../src/train/supply.ts";
import { unfreezeNetworks } from "../../src/train/unfreeze.ts";

const side = 224;
export const classCount = 11;
const classNames = Array.from({ length: classCount }, (_, i) => `class-${i}`);

/** Writes photos of noise over gradients; `validation` of them are held out, one a class at least. */
export async function writePhotos(dir: string, training: number): Promise<Dataset> {
  const rng = new Rng("bench photos");
  const split = async (name: string, count: number): Promise<Photo[]> => {
    const photos: Photo[] = [];
    for (let i = 0; i < count; i++) {
      const data = Uint8Array.from({ length: side * side * 3 }, (_, at) => ((at / 672 + i * 9) % 200) + rng.int(56));
      const bytes = await encodeJpeg({ width: side, height: side, data }, 90);
      const path = `${name}/${i}.jpg`;
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), bytes);
      photos.push({ path, label: i % classCount, sha256: sha256(bytes), width: side, height: side });
    }
    return photos;
  };
  const splits = {
    training: await split("training", training),
    validation: await split("validation", classCount),
    evaluation: [],
  };
  return {
    dir,
    layout: "folders",
    synthetic: true,
    classes: classNames,
    splits,
    splitOrigin: "given",
    unreadable: [],
    duplicatesAcrossSplits: [],
  };
}

/** The original's recipe for a base, with so many epochs; `versions`: a bank, null: afresh each epoch. */
export function recipe(base: BaseId, epochs: { head: number; fineTuning: number }, versions: number | null): Candidate {
  const project = originalProject("bench", "photos");
  const choices = project.candidates.find(({ bases: ids }) => ids?.includes(base))!;
  return candidate.parse({
    ...choices,
    head: { ...choices.head, epochs: epochs.head },
    ...(epochs.fineTuning === 0 ? { unfreeze: undefined, fineTuning: undefined } : {}),
    ...(epochs.fineTuning > 0 ? { fineTuning: { ...choices.fineTuning, epochs: epochs.fineTuning } } : {}),
    augmentation: { ...choices.augmentation, versions },
  });
}

export interface Trained extends TrainedPhases {
  readonly extractSeconds: number;
}

/** Trains a recipe on random weights; epochs' seconds are in the phases' histories. */
export async function train(recipe: Candidate, dataset: Dataset, dir: string, threads: number): Promise<Trained> {
  const prepared = prepare(recipe, dataset);
  const outDir = join(dir, "out");
  await mkdir(outDir, { recursive: true });
  const shared = { candidate: recipe, prepared, seed: 1, threads, progress: noProgress, signal: undefined };
  const supply = new Supply({ ...shared, dataDir: dataset.dir, featureDir: join(dir, "features") });
  try {
    const startMs = performance.now();
    await supply.extract();
    const extractSeconds = (performance.now() - startMs) / 1000;
    const phases = await runPhases({
      ...{ ...shared, classes: dataset.classes, supply, outDir },
      checkpointSeconds: Number.POSITIVE_INFINITY,
      clock: systemClock,
    });
    return { ...phases, extractSeconds };
  } finally {
    supply.close();
  }
}

const loaded = new Map<string, LoadedBase>();

function prepare(recipe: Candidate, dataset: Dataset): Prepared {
  const loadedBases = recipe.bases.map((id) => loaded.get(id) ?? loadRandom(id));
  const inputs = planInputs(
    recipe.preprocessing,
    loadedBases.map(({ base }) => base),
  );
  const networks = loadedBases.map(({ base }) => base.network(side));
  const isTuned = recipe.fineTuning.epochs > 0;
  return {
    selection: selectPhotos(dataset, null),
    inputs,
    loadedBases,
    unfrozen: isTuned ? unfreezeNetworks(networks, recipe.unfreeze) : networks.map(() => null),
    // Differs each time: nothing is gone on with.
    fingerprint: String(performance.now()),
  };
}

function loadRandom(id: BaseId): LoadedBase {
  const weights = new Map<string, Weight>();
  const source = randomWeights(new Rng(id), weights);
  const network = bases[id].network(side);
  const b = new GraphBuilder();
  const image = b.input("image", "float32", ["N", 3, side, side]);
  lowerNetwork(b, network, { inputs: { [network.layers[0]!.name]: image }, weights: source });
  const embedded = { path: "", sha256: "random", sizeBytes: 0, licence: "none", origin: "random", variant: null };
  const base = { ...bases[id], weights: embedded } as unknown as AvailableBase;
  const one = { base, weights };
  loaded.set(id, one);
  return one;
}

/** Photos a second that the frozen part of a recipe's base takes in, decoding and augmentation included. */
export async function frozenRate(
  recipe: Candidate,
  dataset: Dataset,
  threads: number,
  front: (extractor: Extractor) => Promise<Extractor>,
): Promise<number> {
  const { loadedBases, inputs } = prepare(recipe, dataset);
  const wanted = { features: true, boundary: false };
  const extractors = [await front(makeExtractor(loadedBases[0]!, inputs.inputs[0]!, null, wanted))];
  const { augmentation, head } = recipe;
  const photos = dataset.splits.training;
  const flow = { seed: 1, count: photos.length, batchSize: head.batchSize, augmentation, size: side };
  const source = new FreshSource(
    { photos, extractors, readings: [{ input: "features", extractorIndex: 0, output: featuresOutput }] },
    { task: { dataDir: dataset.dir, extractors, augmentation }, flow, seed: 1, threads, signal: undefined },
  );
  try {
    let startMs = 0;
    // The first epoch starts threads and loads sessions.
    for (const epoch of [0, 1]) {
      startMs = performance.now();
      for await (const _ of source.batches(epoch, 0));
    }
    return (1000 * photos.length) / (performance.now() - startMs);
  } finally {
    await source.close();
  }
}

/** An extractor with int8 weights and activations, ranges from the data set's photos: min-max. */
export async function toInt8(extractor: Extractor, dataset: Dataset): Promise<Extractor> {
  const graph = await integerReadyGraph(extractor.model);
  const histograms = await calibrate({
    graph,
    preprocessing: [extractor.source.preprocessing],
    dataDir: dataset.dir,
    photos: dataset.splits.validation,
    threads: 1,
    progress: noProgress,
    signal: new AbortController().signal,
  });
  const quantized = quantizeGraph(graph, {
    rangeOf: (node) => histograms.get(node)!.extremes,
    weightBits: 8,
    keepFloat: new Set(),
  });
  return { ...extractor, model: encodeModel(quantized) };
}

/** Largest resident memory of this process so far, threads included. */
export async function peakBytes(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)![1]) * 1024;
}
