/** Accuracy with intervals, and comparison of models. */

export { type BaseTime, machineName, measureBases, readBaseTimes } from "./base-times.ts";
export { type EvaluatedModel, type EvaluateOptions, evaluateModel, evaluateModels } from "./evaluate-model.ts";
export {
  independentDifference,
  mcnemarExact,
  medianInterval,
  type PairedCounts,
  pairedDifference,
  wilsonInterval,
} from "./intervals.ts";
export { type Drift, evaluateLive, type LiveEvaluation } from "./live.ts";
export { besideFloat, countPairs } from "./pairs.ts";
export { type PredictionRecord, type Scores, scorePredictions } from "./scores.ts";
