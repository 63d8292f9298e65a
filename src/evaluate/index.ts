/** Accuracy with intervals, and comparison of models. */
export { type EvaluateOptions, evaluateModel } from "./evaluate-model.ts";
export { mcnemarExact, medianInterval, type PairedCounts, pairedDifference, wilsonInterval } from "./intervals.ts";
export { type PredictionRecord, type Scores, scorePredictions } from "./scores.ts";
