/** Batches of features: shuffled with dropout for training, in order for validation. Pure. */
import type { Rng } from "../base/rng.ts";
import type { TensorValue } from "../engine/graph/index.ts";
import type { Matrix } from "./features.ts";

/** Features with the class of each row. */
export interface LabelledFeatures {
  readonly features: Matrix;
  /** Class index a row. */
  readonly labels: readonly number[];
}

export interface Batch {
  /** features [N, columns] and labels [N, classes], one-hot. */
  readonly feeds: { readonly features: TensorValue; readonly labels: TensorValue };
  readonly labels: readonly number[];
}

/** Every row once, in an order drawn from `rng`; each value dropped at random and the others scaled up, as Keras. */
export function* epochBatches(
  data: LabelledFeatures,
  { batchSize, dropout }: { batchSize: number; dropout: number },
  classCount: number,
  rng: Rng,
): Generator<Batch> {
  const order = rng.fork("order").shuffle([...data.labels.keys()]);
  const masks = rng.fork("dropout");
  for (const rows of slices(order, batchSize)) {
    const batch = gather(data, rows, classCount);
    if (dropout > 0) dropValues(batch.feeds.features.data as Float32Array, dropout, masks);
    yield batch;
  }
}

/** Every row once, in order. */
export function* orderedBatches(data: LabelledFeatures, batchSize: number, classCount: number): Generator<Batch> {
  for (const rows of slices([...data.labels.keys()], batchSize)) yield gather(data, rows, classCount);
}

function slices<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function gather({ features, labels }: LabelledFeatures, rows: readonly number[], classCount: number): Batch {
  const { columns, data } = features;
  const values = new Float32Array(rows.length * columns);
  const oneHot = new Float32Array(rows.length * classCount);
  const chosen = rows.map((row) => labels[row]!);
  for (const [place, row] of rows.entries()) {
    values.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
    oneHot[place * classCount + chosen[place]!] = 1;
  }
  return {
    feeds: {
      features: { dtype: "float32", dims: [rows.length, columns], data: values },
      labels: { dtype: "float32", dims: [rows.length, classCount], data: oneHot },
    },
    labels: chosen,
  };
}

/** Inverted dropout: a value is 0 with probability `dropout`, else divided by 1 - dropout. */
function dropValues(values: Float32Array, dropout: number, rng: Rng): void {
  const threshold = dropout * 2 ** 32;
  const scale = 1 / (1 - dropout);
  for (let i = 0; i < values.length; i++) values[i] = rng.uint32() < threshold ? 0 : values[i]! * scale;
}
