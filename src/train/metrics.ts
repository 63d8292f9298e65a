/** Loss and accuracy over batches, and which epoch was the best. Pure. */

/** Sums so far: what a checkpoint keeps of an epoch that is under way. */
export interface RunningSums {
  photos: number;
  lossSum: number;
  correct: number;
}

/** Loss and accuracy over the batches so far, weighted by their sizes, as Keras reports them. */
export class RunningMetrics {
  readonly sums: RunningSums;

  constructor(sums: RunningSums = { photos: 0, lossSum: 0, correct: 0 }) {
    this.sums = { ...sums };
  }

  /** @param logits [N, classes] */
  add(loss: number, logits: Float32Array, labels: readonly number[]): void {
    const classCount = logits.length / labels.length;
    this.sums.photos += labels.length;
    this.sums.lossSum += loss * labels.length;
    for (const [row, label] of labels.entries()) {
      const values = logits.subarray(row * classCount, (row + 1) * classCount);
      if (values.indexOf(Math.max(...values)) === label) this.sums.correct++;
    }
  }

  get loss(): number {
    return this.sums.lossSum / this.sums.photos;
  }

  get accuracy(): number {
    return this.sums.correct / this.sums.photos;
  }
}

/** The best epoch so far: by validation accuracy, then by validation loss. Epoch 0 is the state before training. */
export interface Best {
  readonly epoch: number;
  readonly accuracy: number;
  readonly loss: number;
  /** The first epoch of the best accuracy, which patience counts from. */
  readonly accuracyEpoch: number;
}

export const nothingYet: Best = {
  epoch: 0,
  accuracy: Number.NEGATIVE_INFINITY,
  loss: Number.POSITIVE_INFINITY,
  accuracyEpoch: 0,
};

/** Whether one validation is better than another: more accurate, or as accurate with a lower loss. */
export function isBetter(one: Pick<Best, "accuracy" | "loss">, other: Pick<Best, "accuracy" | "loss">): boolean {
  return one.accuracy > other.accuracy || (one.accuracy === other.accuracy && one.loss < other.loss);
}

/** The better one of the best so far and an epoch; `best` itself where the epoch is not better. */
export function betterOf(
  best: Best,
  { epoch, validationAccuracy, validationLoss }: { epoch: number; validationAccuracy: number; validationLoss: number },
): Best {
  const validation = { accuracy: validationAccuracy, loss: validationLoss };
  if (!isBetter(validation, best)) return best;
  const accuracyEpoch = validationAccuracy > best.accuracy ? epoch : best.accuracyEpoch;
  return { epoch, ...validation, accuracyEpoch };
}
