/** Where batches come from: rows on disk (a bank of versions of each photo), or photos changed afresh by workers. */
import { type FlowItem, type FlowOptions, type PhotoVersion, planEpoch } from "../augment/index.ts";
import { WorkerStream } from "../base/worker-stream.ts";
import type { TensorValue } from "../engine/graph/index.ts";
import type { Photo } from "../records/dataset.ts";
import { type Chunk, type FeatureSource, rowLength, rowOffset } from "./feature-cache.ts";
import type { Extractor, FeatureJob, FeatureTask } from "./feature-job.ts";
import type { RowReader } from "./row-reader.ts";
import type { SampleBatch, SampleSource } from "./samples.ts";

/** An output of an extractor as an input of the graph that is trained. */
export interface Reading {
  readonly input: string;
  readonly extractorIndex: number;
  readonly output: string;
}

interface SourceBasis {
  readonly photos: readonly Photo[];
  readonly extractors: readonly Extractor[];
  readonly readings: readonly Reading[];
}

/** What was drawn for a photo in an epoch of the flow. */
export function versionOf(
  flow: FlowOptions,
  seed: number,
  epoch: number,
  { index, transform }: FlowItem,
): PhotoVersion {
  return { transform, size: flow.size, seed: `${seed}/version ${epoch}/photo ${index}` };
}

export interface BankOptions {
  /** The chunks of each version. */
  readonly versions: readonly (readonly Chunk[])[];
  /** Photos of each batch of an epoch, by index. */
  readonly order: (epoch: number) => readonly (readonly number[])[];
  readonly reader: RowReader;
  /** Where a chunk's rows lie. */
  readonly pathOf: (source: FeatureSource, chunk: Chunk) => string;
}

export interface FreshOptions {
  readonly task: FeatureTask;
  readonly flow: FlowOptions;
  readonly seed: number;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
}

/** Rows from disk. Epoch e reads version e modulo the number of versions; in the flow's order, or as the photos are. */
export class BankSource implements SampleSource {
  readonly labels: readonly number[];
  readonly #basis: SourceBasis;
  readonly #reader: RowReader;
  readonly #memory = new BatchMemory();
  readonly #order: (epoch: number) => readonly (readonly number[])[];
  /** By version, then by photo: path by extractor and place in its chunk. */
  readonly #places: readonly (readonly { paths: readonly string[]; place: number }[])[];

  constructor(basis: SourceBasis, { versions, order, reader, pathOf }: BankOptions) {
    this.labels = basis.photos.map(({ label }) => label);
    this.#basis = basis;
    this.#reader = reader;
    this.#order = order;
    this.#places = versions.map((chunks) => {
      const places: { paths: readonly string[]; place: number }[] = new Array(basis.photos.length);
      for (const chunk of chunks) {
        const paths = basis.extractors.map(({ source }) => pathOf(source, chunk));
        for (const [place, row] of chunk.rows.entries()) places[row] = { paths, place };
      }
      return places;
    });
  }

  *batches(epoch: number, skip: number): Generator<SampleBatch> {
    const places = this.#places[epoch % this.#places.length]!;
    for (const rows of this.#order(epoch).slice(skip)) {
      const labels = rows.map((row) => this.labels[row]!);
      const values = this.#basis.readings.map(
        (reading) =>
          [
            reading.input,
            this.#read(
              reading,
              rows.map((row) => places[row]!),
            ),
          ] as const,
      );
      yield { labels, values: Object.fromEntries(values) };
    }
  }

  #read(
    { input, extractorIndex, output }: Reading,
    rows: readonly { paths: readonly string[]; place: number }[],
  ): TensorValue {
    const { source } = this.#basis.extractors[extractorIndex]!;
    const { offset, length, dims } = placeOf(source.outputs, output);
    const data = this.#memory.rows(input, rows.length * length);
    for (const [i, { paths, place }] of rows.entries()) {
      const target = data.subarray(i * length, (i + 1) * length);
      this.#reader.read(paths[extractorIndex]!, rowOffset(source, place) + 4 * offset, target);
    }
    return { dtype: "float32", dims: [rows.length, ...dims], data };
  }
}

/** Memory for the batch at hand, by name of input: a fresh piece of megabytes for each step costs more than filling it. */
class BatchMemory {
  readonly #blocks = new Map<string, Float32Array>();

  rows(input: string, length: number): Float32Array {
    const block = this.#blocks.get(input);
    if (block && block.length >= length) return block.subarray(0, length);
    const larger = new Float32Array(length);
    this.#blocks.set(input, larger);
    return larger;
  }
}

type FeatureResults = AsyncGenerator<{ readonly result: readonly Float32Array[] }>;

/** Photos of a job: a batch's photos are shared out, so that no thread waits for another's at the end of an epoch. */
const jobPhotos = 8;

/** Photos decoded, changed and run through the frozen parts by worker threads while the steps before are taken. */
export class FreshSource implements SampleSource {
  readonly labels: readonly number[];
  readonly #basis: SourceBasis;
  readonly #stream: WorkerStream<FeatureJob, readonly Float32Array[]>;
  readonly #memory = new BatchMemory();
  readonly #flow: FlowOptions;
  readonly #seed: number;
  /** The threads' work on an epoch and those after it. */
  #ahead: { readonly epoch: number; readonly results: FeatureResults } | null = null;

  constructor(basis: SourceBasis, { task, flow, seed, threads, signal }: FreshOptions) {
    this.labels = basis.photos.map(({ label }) => label);
    this.#basis = basis;
    this.#flow = flow;
    this.#seed = seed;
    const worker = new URL("./feature-worker.ts", import.meta.url);
    this.#stream = new WorkerStream({ worker, task, threads, signal });
  }

  async *batches(epoch: number, skip: number): AsyncGenerator<SampleBatch> {
    const results = await this.#resultsFrom(epoch, skip);
    for (const batch of planEpoch(this.#flow, epoch).slice(skip)) {
      const parts: (readonly Float32Array[])[] = [];
      for (let start = 0; start < batch.length; start += jobPhotos) parts.push((await results.next()).value.result);
      const labels = batch.map(({ index }) => this.labels[index]!);
      yield { labels, values: this.#values(batch.length, parts) };
    }
    this.#ahead = { epoch: epoch + 1, results };
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  /** The epoch after the last one that was read has been begun already: threads go on while its validation runs. */
  async #resultsFrom(epoch: number, skip: number): Promise<FeatureResults> {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead?.epoch === epoch && skip === 0) return ahead.results;
    await ahead?.results.return(undefined);
    return this.#stream.results(this.#jobs(epoch, skip));
  }

  /** Without end: a phase stops where it wants to. */
  *#jobs(firstEpoch: number, skip: number): Generator<FeatureJob, never> {
    const { photos, extractors } = this.#basis;
    const extractorIndices = extractors.map((_, index) => index);
    for (let epoch = firstEpoch; ; epoch++) {
      for (const batch of planEpoch(this.#flow, epoch).slice(epoch === firstEpoch ? skip : 0)) {
        for (let start = 0; start < batch.length; start += jobPhotos) {
          const items = batch.slice(start, start + jobPhotos);
          yield {
            photos: items.map(({ index }) => photos[index]!),
            versions: items.map((item) => versionOf(this.#flow, this.#seed, epoch, item)),
            extractorIndices,
          };
        }
      }
    }
  }

  /** @param parts rows of each extractor for the photos of each job */
  #values(count: number, parts: readonly (readonly Float32Array[])[]): Record<string, TensorValue> {
    const { readings, extractors } = this.#basis;
    return Object.fromEntries(
      readings.map(({ input, extractorIndex, output }) => {
        const { source } = extractors[extractorIndex]!;
        const { offset, length, dims } = placeOf(source.outputs, output);
        const whole = rowLength(source);
        const data = this.#memory.rows(input, count * length);
        for (let row = 0; row < count; row++) {
          const rows = parts[Math.floor(row / jobPhotos)]![extractorIndex]!;
          const start = (row % jobPhotos) * whole + offset;
          data.set(rows.subarray(start, start + length), row * length);
        }
        return [input, { dtype: "float32", dims: [count, ...dims], data }];
      }),
    );
  }
}

/** Where an output lies in a row. */
function placeOf(outputs: Extractor["source"]["outputs"], name: string) {
  const index = outputs.findIndex((output) => output.name === name);
  const { dims } = outputs[index]!;
  return {
    offset: rowLength({ outputs: outputs.slice(0, index) }),
    length: rowLength({ outputs: [outputs[index]!] }),
    dims,
  };
}
