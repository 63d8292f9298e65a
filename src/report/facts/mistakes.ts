/** The mistakes that a model was surest of. Pure. */
import type { Evaluation } from "../../records/evaluation.ts";

export const shownMistakes = 8;

export function worstMistakes({ predictions }: Pick<Evaluation, "predictions">): Evaluation["predictions"] {
  return predictions
    .filter(({ label, predicted }) => label !== predicted)
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, shownMistakes);
}
