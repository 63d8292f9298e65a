/** Whether a model is right as often as it says: confidence against accuracy in bins. Pure. */
import { wilsonInterval } from "../../evaluate/intervals.ts";
import type { Evaluation, Interval } from "../../records/evaluation.ts";

export interface ReliabilityBin {
  /** Lower and upper end of confidence, 0..1; the last bin includes 1. */
  readonly from: number;
  readonly to: number;
  readonly photos: number;
  readonly meanConfidence: number;
  readonly accuracy: Interval;
}

export interface Calibration {
  /** Bins with photos in them. */
  readonly bins: readonly ReliabilityBin[];
  readonly meanConfidence: number;
  /** Expected calibration error: mean of |accuracy - confidence| of the bins, weighted by photos (Naeini et al. 2015). */
  readonly error: number;
}

export function calibrationOf({ predictions }: Pick<Evaluation, "predictions">, binCount = 10): Calibration {
  const grouped = Map.groupBy(predictions, ({ confidence }) =>
    Math.min(binCount - 1, Math.floor(confidence * binCount)),
  );
  const bins = [...grouped]
    .toSorted(([a], [b]) => a - b)
    .map(([index, group]) => {
      const correct = group.filter(({ label, predicted }) => label === predicted).length;
      return {
        from: index / binCount,
        to: (index + 1) / binCount,
        photos: group.length,
        meanConfidence: mean(group.map(({ confidence }) => confidence)),
        accuracy: wilsonInterval(correct, group.length),
      };
    });
  const total = Math.max(1, predictions.length);
  const error = bins.reduce(
    (sum, { photos, accuracy, meanConfidence }) =>
      sum + (photos / total) * Math.abs(accuracy.estimate - meanConfidence),
    0,
  );
  return { bins, meanConfidence: mean(predictions.map(({ confidence }) => confidence)), error };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
