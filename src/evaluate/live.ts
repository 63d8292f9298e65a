/** Live accuracy: what users said against what the model said, with interval, and its drift from the test set. Pure. */
import type { AnswerRow } from "../answers/index.ts";
import { Rng } from "../base/rng.ts";
import type { Evaluation, Interval } from "../records/evaluation.ts";
import { classDrift, type DriftTest, valueDrift } from "./drift.ts";
import { independentDifference, wilsonInterval } from "./intervals.ts";

export interface LiveEvaluation {
  readonly answers: number;
  readonly correct: number;
  /** Top-1 accuracy by the users' categories, 0..1. */
  readonly accuracy: Interval;
  /** ISO 8601, of the first and the last answer. */
  readonly from: string;
  readonly to: string;
  readonly models: readonly { readonly sha256: string; readonly answers: number; readonly correct: number }[];
  readonly perClass: readonly { readonly name: string; readonly answers: number; readonly correct: number }[];
  /** Against a test set; null where none was given. */
  readonly drift: Drift | null;
}

export interface Drift {
  /** The test set in words. */
  readonly data: string;
  readonly photos: number;
  readonly accuracy: Interval;
  /** Live minus test. */
  readonly difference: Interval;
  /** What the photos show, by users and by labels. */
  readonly categories: DriftTest;
  /** What the model says. */
  readonly predictions: DriftTest;
  /** Probability of the predicted class. */
  readonly confidence: DriftTest;
  /** Each p is held against this: 0.05 shared by three tests (Bonferroni). */
  readonly threshold: number;
  readonly hasDrifted: boolean;
}

const level = 0.05;

/**
 * @param rows at least one
 * @param reference evaluation of the test set by the same model, or null
 */
export function evaluateLive(rows: readonly AnswerRow[], reference: Evaluation | null): LiveEvaluation {
  const isRight = ({ category, predicted }: AnswerRow) => category === predicted;
  const correct = rows.filter(isRight).length;
  const times = rows.map(({ answeredAt }) => answeredAt).sort();
  const tally = <Key extends "modelSha256" | "category">(key: Key) =>
    [...Map.groupBy(rows, (row) => row[key])].map(([name, group]) => {
      return { name, answers: group.length, correct: group.filter(isRight).length };
    });
  return {
    answers: rows.length,
    correct,
    accuracy: wilsonInterval(correct, rows.length),
    from: times[0]!,
    to: times.at(-1)!,
    models: tally("modelSha256").map(({ name, ...counts }) => ({ sha256: name, ...counts })),
    perClass: tally("category").sort((a, b) => (a.name < b.name ? -1 : 1)),
    drift: reference && driftFrom(reference, rows, correct),
  };
}

function driftFrom(reference: Evaluation, rows: readonly AnswerRow[], correct: number): Drift {
  const { predictions, accuracy, data, photos } = reference;
  const names = [
    ...new Set([...reference.classes, ...rows.flatMap(({ category, predicted }) => [category, predicted])]),
  ];
  const rng = new Rng("live drift");
  const tests = {
    categories: classDrift(
      rows.map(({ category }) => names.indexOf(category)),
      predictions.map(({ label }) => label),
      names.length,
      rng.fork("categories"),
    ),
    predictions: classDrift(
      rows.map(({ predicted }) => names.indexOf(predicted)),
      predictions.map(({ predicted }) => predicted),
      names.length,
      rng.fork("predictions"),
    ),
    confidence: valueDrift(
      rows.map(({ confidence }) => confidence),
      predictions.map(({ confidence }) => confidence),
      rng.fork("confidence"),
    ),
  };
  const threshold = level / Object.keys(tests).length;
  const difference = independentDifference([correct, rows.length], [reference.correct, photos]);
  const hasDrifted = Object.values(tests).some(({ p }) => p <= threshold);
  return { data, photos, accuracy, difference, ...tests, threshold, hasDrifted };
}
