/** Two models on the same photos. Pure. */
import assert from "node:assert/strict";
import type { Evaluation } from "../records/evaluation.ts";
import { type PairedCounts, pairedDifference } from "./intervals.ts";

/** Photos by which of the two models is right. Both have to be of the same photos in the same order. */
export function countPairs(
  first: Pick<Evaluation, "predictions">,
  second: Pick<Evaluation, "predictions">,
): PairedCounts {
  assert.equal(first.predictions.length, second.predictions.length, "predictions of the same photos");
  return tallyPairs(
    first.predictions.map(({ path, label, predicted }, i) => {
      const other = second.predictions[i]!;
      assert.equal(other.path, path, "the same photos in the same order");
      return [predicted === label, other.predicted === label];
    }),
  );
}

/** @param rights whether the first and the second model are right, a pair a photo */
export function tallyPairs(rights: readonly (readonly [first: boolean, second: boolean])[]): PairedCounts {
  const counts = { bothRight: 0, onlyFirst: 0, onlySecond: 0, bothWrong: 0 };
  for (const [first, second] of rights)
    counts[first ? (second ? "bothRight" : "onlyFirst") : second ? "onlySecond" : "bothWrong"]++;
  return counts;
}

/** An int8 model's evaluation with that of the float model which it was made from beside it. */
export function besideFloat(evaluation: Evaluation, float: Evaluation): Evaluation {
  const { modelSha256, accuracy } = float;
  const difference = pairedDifference(countPairs(evaluation, float));
  return { ...evaluation, float: { modelSha256, accuracy, difference } };
}
