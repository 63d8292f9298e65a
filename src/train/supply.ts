/** The batches of both phases: extracts what is read again and again to disk, and streams what is fresh each epoch. */
import { type FlowOptions, planEpoch } from "../augment/index.ts";
import type { Candidate, FineTuning, HeadTraining } from "../config/candidate.ts";
import { featuresOutput } from "../models/index.ts";
import type { Photo } from "../records/dataset.ts";
import { type ExtractOptions, extractFeatures } from "./extract.ts";
import { type Chunk, chunkPath, type FeatureSource, planChunks } from "./feature-cache.ts";
import type { Extractor } from "./feature-job.ts";
import { makeExtractor, type Wanted } from "./frozen.ts";
import { validationBatchSize } from "./phase.ts";
import type { Prepared } from "./prepare.ts";
import { RowReader } from "./row-reader.ts";
import type { SampleSource } from "./samples.ts";
import { BankSource, FreshSource, type Reading, versionOf } from "./sources.ts";
import { readingsOf, type TailPart, tailInput } from "./tail.ts";

export interface SupplyOptions
  extends Pick<ExtractOptions, "dataDir" | "featureDir" | "threads" | "progress" | "signal"> {
  readonly candidate: Candidate;
  readonly prepared: Prepared;
  readonly seed: number;
}

/** The sources of a phase. */
export interface PhaseSupply {
  readonly training: SampleSource;
  readonly validation: SampleSource;
}

const bytesPerGb = 1e9;

/** Opens what training reads. Call `extract` first, `close` in the end. */
export class Supply {
  readonly #options: SupplyOptions;
  readonly #reader = new RowReader();
  /** Give all that both phases read. */
  readonly #extractors: readonly Extractor[];
  readonly #trainingVersions: readonly (readonly Chunk[])[];
  readonly #validationChunks: readonly Chunk[];

  constructor(options: SupplyOptions) {
    this.#options = options;
    const { candidate, prepared } = options;
    const { augmentation } = candidate;
    const { training, validation } = prepared.selection;
    const isTuned = candidate.fineTuning.epochs > 0;
    this.#extractors = this.#makeExtractors({ features: true, boundary: isTuned });
    this.#validationChunks = planChunks(validation);
    if (augmentation === null) this.#trainingVersions = [planChunks(training)];
    else if (augmentation.versions === null) this.#trainingVersions = [];
    else {
      const total = candidate.head.epochs + candidate.fineTuning.epochs;
      const count = Math.min(augmentation.versions, total);
      this.#trainingVersions = Array.from({ length: count }, (_, version) => this.#versionChunks(version));
    }
  }

  /** Values at the boundary of a base, by layer. */
  boundaryDims(baseIndex: number): Readonly<Record<string, readonly number[]>> {
    const { outputs } = this.#extractors[baseIndex]!.source;
    const prefix = "boundary/";
    const atBoundary = outputs.filter(({ name }) => name.startsWith(prefix));
    return Object.fromEntries(atBoundary.map(({ name, dims }) => [name.slice(prefix.length), dims]));
  }

  /** Computes the features that are kept and not on disk yet. @throws as extractFeatures */
  async extract(): Promise<void> {
    const { candidate, dataDir, featureDir, threads, progress, signal } = this.#options;
    await extractFeatures({
      dataDir,
      featureDir,
      threads,
      progress,
      signal,
      extractors: this.#extractors,
      chunks: [...this.#trainingVersions.flat(), ...this.#validationChunks],
      augmentation: candidate.augmentation,
      largestBytes: candidate.featureDiskGb * bytesPerGb,
    });
  }

  forHead(choices: HeadTraining): PhaseSupply {
    const { loadedBases } = this.#options.prepared;
    const readings = loadedBases.map(
      ({ base }, extractorIndex): Reading => ({ input: tailInput(base, null), extractorIndex, output: featuresOutput }),
    );
    return this.#phase(readings, choices, { features: true, boundary: false });
  }

  forTail(choices: FineTuning, parts: readonly TailPart[]): PhaseSupply {
    return this.#phase(readingsOf(parts), choices, { features: false, boundary: true });
  }

  close(): void {
    this.#reader.close();
  }

  #phase(readings: readonly Reading[], { batchSize }: { batchSize: number }, wanted: Wanted): PhaseSupply {
    const { candidate, prepared } = this.#options;
    const { training, validation } = prepared.selection;
    const flow = this.#flow(batchSize, candidate.augmentation);
    const isFresh = candidate.augmentation !== null && candidate.augmentation.versions === null;
    const order = (epoch: number) =>
      planEpoch({ ...flow, augmentation: null }, epoch).map((batch) => batch.map(({ index }) => index));
    return {
      training: isFresh
        ? this.#fresh(readings, wanted, flow)
        : this.#bank(training, this.#trainingVersions, readings, order),
      validation: this.#bank(validation, [this.#validationChunks], readings, () => inOrder(validation.length)),
    };
  }

  #bank(
    photos: readonly Photo[],
    versions: readonly (readonly Chunk[])[],
    readings: readonly Reading[],
    order: (epoch: number) => readonly (readonly number[])[],
  ): SampleSource {
    const { featureDir, candidate } = this.#options;
    const pathOf = (source: FeatureSource, chunk: Chunk) =>
      chunkPath(featureDir, source, chunk, candidate.augmentation);
    return new BankSource(
      { photos, extractors: this.#extractors, readings },
      { versions, order, reader: this.#reader, pathOf },
    );
  }

  #fresh(readings: readonly Reading[], wanted: Wanted, flow: FlowOptions): SampleSource {
    const { candidate, prepared, dataDir, seed, threads, signal } = this.#options;
    const extractors = this.#makeExtractors(wanted);
    const task = { dataDir, extractors, augmentation: candidate.augmentation };
    return new FreshSource(
      { photos: prepared.selection.training, extractors, readings },
      { task, flow, seed, threads, signal },
    );
  }

  #versionChunks(version: number): readonly Chunk[] {
    const { candidate, prepared, seed } = this.#options;
    const flow = this.#flow(candidate.head.batchSize, candidate.augmentation);
    const items = new Map(
      planEpoch(flow, version)
        .flat()
        .map((item) => [item.index, item]),
    );
    return planChunks(prepared.selection.training, (row) => versionOf(flow, seed, version, items.get(row)!));
  }

  #flow(batchSize: number, augmentation: Candidate["augmentation"]): FlowOptions {
    const { prepared, seed } = this.#options;
    const count = prepared.selection.training.length;
    return { seed: Math.abs(Math.trunc(seed)), count, batchSize, augmentation, size: prepared.inputs.inputs[0]!.size };
  }

  #makeExtractors(wanted: Wanted): Extractor[] {
    const { loadedBases, inputs, unfrozen } = this.#options.prepared;
    // Each base runs alone: under one name, so that what it gives is the same file whatever it is joined with.
    const alone = inputs.inputs.map((preprocessing) => ({ ...preprocessing, input: "image" }));
    return loadedBases.map((loaded, index) =>
      makeExtractor(loaded, alone[inputs.inputOfBase[index]!]!, unfrozen[index]!, wanted),
    );
  }
}

/** 0..count - 1 in validation batches. */
function inOrder(count: number): number[][] {
  const all = Array.from({ length: count }, (_, i) => i);
  const size = validationBatchSize;
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
