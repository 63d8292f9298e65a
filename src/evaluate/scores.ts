/** Scores of predictions against labels. Pure. */
import type { Evaluation } from "../records/evaluation.ts";
import { wilsonInterval } from "./intervals.ts";

export type PredictionRecord = Evaluation["predictions"][number];
export type Scores = Pick<Evaluation, "photos" | "correct" | "accuracy" | "logLoss" | "perClass" | "confusion">;

/** Probabilities below this count as this, so that one certain mistake does not make the log loss infinite. */
const smallestProbability = 1e-15;

/**
 * Top-1 accuracy with its Wilson interval, log loss in nats, precision and recall by class, and the confusion matrix.
 * @param predictions at least one
 * @param classes names in the order of the labels
 */
export function scorePredictions(predictions: readonly PredictionRecord[], classes: readonly string[]): Scores {
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  let logLoss = 0;
  for (const { label, predicted, labelProbability } of predictions) {
    confusion[label]![predicted]!++;
    logLoss -= Math.log(Math.max(labelProbability, smallestProbability));
  }
  const photos = predictions.length;
  const correct = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  return {
    photos,
    correct,
    accuracy: wilsonInterval(correct, photos),
    logLoss: logLoss / photos,
    perClass: classes.map((name, i) => classScores(name, i, confusion)),
    confusion,
  };
}

function classScores(
  name: string,
  index: number,
  confusion: readonly (readonly number[])[],
): Scores["perClass"][number] {
  const photos = confusion[index]!.reduce((sum, count) => sum + count, 0);
  const predicted = confusion.reduce((sum, row) => sum + row[index]!, 0);
  const right = confusion[index]![index]!;
  return {
    name,
    photos,
    precision: predicted > 0 ? right / predicted : null,
    recall: photos > 0 ? right / photos : null,
  };
}
