/** What a batch is trained towards: labels as distributions, weighted, smoothed, mixed; and dropout's mask. Pure. */
import type { Rng } from "../base/rng.ts";
import type { FineTuning, HeadTraining } from "../config/candidate.ts";
import type { TensorValue } from "../engine/graph/index.ts";

/** What the two phases have in common. */
export type PhaseChoices = Omit<HeadTraining, "l2" | "photosPerClass"> | FineTuning;

export interface TargetOptions {
  readonly classCount: number;
  readonly labelSmoothing: number;
  /** Weight of each class; null: all 1. */
  readonly classWeights: readonly number[] | null;
}

/**
 * [N, classes]: Keras' label smoothing, y (1 - s) + s / K, times the weight of the row's class. The mean cross entropy
 * of such rows is Keras' weighted loss: the sum of weight times loss, divided by the number of rows.
 */
export function targetsOf(labels: readonly number[], options: TargetOptions): TensorValue {
  const { classCount, labelSmoothing, classWeights } = options;
  const data = new Float32Array(labels.length * classCount).fill(labelSmoothing / classCount);
  for (const [row, label] of labels.entries()) {
    data[row * classCount + label]! += 1 - labelSmoothing;
    const weight = classWeights?.[label] ?? 1;
    for (let k = 0; weight !== 1 && k < classCount; k++) data[row * classCount + k]! *= weight;
  }
  return { dtype: "float32", dims: [labels.length, classCount], data };
}

/** The weight of each class; balanced: photos / (classes * photos of the class), as scikit-learn. */
export function classWeightsOf(
  choice: PhaseChoices["classWeights"],
  classes: readonly string[],
  labels: readonly number[],
): readonly number[] | null {
  if (choice === "none") return null;
  if (choice !== "balanced") return classes.map((name) => choice[name] ?? 1);
  const counts = classes.map((_, label) => labels.filter((each) => each === label).length);
  return counts.map((count) => (count === 0 ? 1 : labels.length / (classes.length * count)));
}

/** [rows, columns]: 0 with probability `dropout`, else 1 / (1 - dropout). */
export function dropoutMask(rows: number, columns: number, dropout: number, rng: Rng): TensorValue {
  const data = new Float32Array(rows * columns).fill(1);
  if (dropout > 0) {
    const threshold = dropout * 2 ** 32;
    const scale = 1 / (1 - dropout);
    for (let i = 0; i < data.length; i++) data[i] = rng.uint32() < threshold ? 0 : scale;
  }
  return { dtype: "float32", dims: [rows, columns], data };
}

export interface Mixing {
  /** Share of a row's own values; the rest is its partner's. */
  readonly share: number;
  readonly partners: readonly number[];
}

/** One share from Beta(alpha, alpha) for the batch and a partner for each row (Zhang et al. 2018, their code). */
export function drawMixing(rows: number, alpha: number, rng: Rng): Mixing {
  const [a, b] = [drawGamma(alpha, rng), drawGamma(alpha, rng)];
  const share = a + b > 0 ? a / (a + b) : 1;
  return { share, partners: rng.shuffle(Array.from({ length: rows }, (_, row) => row)) };
}

/** Each row's values mixed with its partner's. */
export function mixRows({ dims, data }: TensorValue, { share, partners }: Mixing): TensorValue {
  const values = data as Float32Array;
  const length = values.length / partners.length;
  const mixed = new Float32Array(values.length);
  for (const [row, partner] of partners.entries()) {
    const [own, other] = [row * length, partner * length];
    for (let i = 0; i < length; i++) mixed[own + i] = share * values[own + i]! + (1 - share) * values[other + i]!;
  }
  return { dtype: "float32", dims, data: mixed };
}

/** Gamma(shape, 1): Marsaglia & Tsang 2000, with their boost for shapes below 1. */
function drawGamma(shape: number, rng: Rng): number {
  if (shape < 1) return drawGamma(shape + 1, rng) * (1 - rng.float()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - rng.float()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
}
