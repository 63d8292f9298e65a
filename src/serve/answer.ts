/** What a client gets for a photo, and in which form it wants it. Pure. */
import type { Answer } from "./pool.ts";
import type { PredictionAnswer } from "./schemas.ts";

/** Length of `probabilities` where a client does not say. */
export const defaultTop = 5;

/** @param top how many classes are listed; more than there are is all of them */
export function predictionAnswer(answer: Answer, totalMs: number, top: number = defaultTop): PredictionAnswer {
  const ranked = answer.model.classes
    .map((name, i) => ({ class: name, probability: rounded(answer.probabilities[i]!, 6) }))
    .sort((a, b) => b.probability - a.probability);
  return {
    class: ranked[0]!.class,
    confidence: ranked[0]!.probability,
    probabilities: ranked.slice(0, top),
    model: answer.model.sha256,
    timing: {
      queueMs: rounded(answer.queueMs, 2),
      decodeMs: rounded(answer.decodeMs, 2),
      inferenceMs: rounded(answer.inferenceMs, 2),
      totalMs: rounded(totalMs, 2),
    },
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/**
 * True where an Accept header prefers text/plain (the class name alone) to JSON. JSON wins a tie, so a client that
 * does not ask gets JSON. Quality values as in RFC 9110, section 12.5.1.
 */
export function prefersText(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  return quality(accept, "text", "plain") > quality(accept, "application", "json");
}

/** Weight that the header gives to a media type: the most specific range that fits counts. */
function quality(accept: string, type: string, subtype: string): number {
  let best = { specificity: -1, weight: 0 };
  for (const range of accept.toLowerCase().split(",")) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim());
    const specificity = [`*/*`, `${type}/*`, `${type}/${subtype}`].indexOf(name);
    if (specificity <= best.specificity) continue;
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    best = { specificity, weight: weight === undefined ? 1 : Number(weight) || 0 };
  }
  return best.weight;
}
