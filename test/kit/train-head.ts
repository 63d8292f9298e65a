/** Head training on features in memory, through the same phase that training on disk runs. */
import { planEpoch } from "../../src/augment/index.ts";
import { noProgress } from "../../src/base/progress.ts";
import { Rng } from "../../src/base/rng.ts";
import type { HeadTraining } from "../../src/config/candidate.ts";
import type { DenseHead } from "../../src/models/index.ts";
import type { EpochRecord } from "../../src/records/training.ts";
import { initialHead } from "../../src/train/head.ts";
import { runPhase } from "../../src/train/phase.ts";
import type { SampleBatch, SampleSource } from "../../src/train/samples.ts";
import { createTail, tailInput } from "../../src/train/tail.ts";

/** Features with the class of each row. */
export interface LabelledFeatures {
  readonly features: { readonly rows: number; readonly columns: number; readonly data: Float32Array };
  readonly labels: readonly number[];
}

export interface TrainedHead {
  readonly weights: DenseHead;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly stoppedEarly: boolean;
}

const base = { id: "base" };

export async function trainHead(
  head: HeadTraining,
  classCount: number,
  training: LabelledFeatures,
  validation: LabelledFeatures,
): Promise<TrainedHead> {
  const rng = new Rng(1);
  const { columns } = training.features;
  const model = await createTail({
    parts: [{ ...base, featureCount: columns, unfrozen: null, boundaryDims: {}, weights: new Map() }],
    head: initialHead(columns, classCount, rng.fork("init")),
    l2: head.l2,
    optimizer: head.optimizer,
    clipping: head.clip,
    movingVariance: "keras3",
    threads: 1,
    spinning: false,
  });
  const flow = { seed: 1, count: training.labels.length, batchSize: head.batchSize, augmentation: null, size: 1 };
  try {
    const { values, history, best, stoppedEarly } = await runPhase({
      name: "head",
      choices: head,
      classCount,
      classWeights: null,
      model,
      rng,
      progress: noProgress,
      training: memorySource(training, (epoch) =>
        planEpoch(flow, epoch).map((batch) => batch.map(({ index }) => index)),
      ),
      validation: memorySource(validation, () => [validation.labels.map((_, row) => row)]),
      firstEpoch: 0,
      start: null,
      resume: null,
      keep: async () => {},
      signal: undefined,
      nowMs: () => 0,
      diverged: (epoch, loss) => new Error(`loss ${loss} in epoch ${epoch}`),
    });
    const weights = { kernel: values["head/kernel"]!, bias: values["head/bias"]! };
    return { weights, history, bestEpoch: best.epoch, stoppedEarly };
  } finally {
    await model.dispose();
  }
}

function memorySource(
  { features: { columns, data }, labels }: LabelledFeatures,
  order: (epoch: number) => readonly (readonly number[])[],
): SampleSource {
  return {
    labels,
    *batches(epoch, skip): Generator<SampleBatch> {
      for (const rows of order(epoch).slice(skip)) {
        const values = rows.flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)]);
        const value = { dtype: "float32", dims: [rows.length, columns], data: Float32Array.from(values) } as const;
        yield { labels: rows.map((row) => labels[row]!), values: { [tailInput(base, null)]: value } };
      }
    },
  };
}
