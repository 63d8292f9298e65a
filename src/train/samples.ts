/** What a training phase reads: batches of values by the name of the graph's input, epoch by epoch. */
import type { TensorValue } from "../engine/graph/index.ts";

/** Values may lie in memory that the next batch takes: they are for the step at hand. */
export interface SampleBatch {
  /** Class of each row. */
  readonly labels: readonly number[];
  /** float32 [N, ...] by name of input. */
  readonly values: Readonly<Record<string, TensorValue>>;
}

export interface SampleSource {
  /** Class of each photo. */
  readonly labels: readonly number[];
  /** The batches of an epoch in order, without the first `skip`. @param epoch from 0 */
  batches(epoch: number, skip: number): AsyncIterable<SampleBatch> | Iterable<SampleBatch>;
  /** Ends what works for it. */
  close?(): Promise<void>;
}
