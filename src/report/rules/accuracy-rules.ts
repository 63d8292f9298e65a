/** What the test photos say about the models, and what they cannot say. */
import type { Evaluation } from "../../records/evaluation.ts";
import { calibrationOf } from "../facts/calibration.ts";
import { comparisonsOf, type Facts, type Model, pairsOf, recordPaths } from "../facts/facts.ts";
import { dominates } from "../facts/front.ts";
import { type Comparison, compareModels, photosToTellApart } from "../facts/pairs.ts";
import { percent, points, pValue, withInterval } from "../words.ts";
import { defineRule, type Rule } from "./rule.ts";

const each = ({ models }: Facts): Evaluation[] => models.flatMap(({ evaluation }) => evaluation?.body ?? []);
const at = ({ candidate }: Evaluation, ...pointers: string[]) =>
  pointers.map((pointer) => `${recordPaths.evaluation(candidate)}#/body/${pointer}`);

/** Milliseconds of the model alone and error, both smaller is better; undefined where not measured. */
function priceOf({ evaluation }: Model): [number, number] | undefined {
  const time = evaluation?.body.inferenceMs;
  return evaluation && time ? [time.estimate, 1 - evaluation.body.accuracy.estimate] : undefined;
}

const placed = ({ models }: Facts) => {
  const known = models.filter((model) => priceOf(model) !== undefined);
  return known.length > 1 ? known.map((model) => ({ model, others: known.filter((other) => other !== model) })) : [];
};

const frontRules: readonly Rule[] = [
  defineRule({
    id: "accuracy/on-front",
    topic: "training",
    when: "no other candidate is both at least as accurate and as fast",
    subjects: placed,
    fire: ({ model, others }) => {
      const own = priceOf(model)!;
      const { inferenceMs, accuracy } = model.evaluation!.body;
      return others.every((other) => !dominates(priceOf(other)!, own))
        ? {
            text: `${model.name} is on the front: no other candidate is as accurate (${percent(accuracy.estimate)}) and as fast (${inferenceMs!.estimate.toFixed(1)} ms a photo on one thread).`,
            evidence: at(model.evaluation!.body, "accuracy", "inferenceMs"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "accuracy/beaten",
    topic: "training",
    when: "another candidate is at least as accurate and as fast, and better in one",
    subjects: placed,
    fire: ({ model, others }) => {
      const better = others.find((other) => dominates(priceOf(other)!, priceOf(model)!));
      return better
        ? {
            text: `${model.name} is not on the front: ${better.name} is at least as accurate and as fast.`,
            evidence: [model, better].flatMap(({ evaluation }) => at(evaluation!.body, "accuracy", "inferenceMs")),
          }
        : undefined;
    },
  }),
];

/** How many photos would do; silent where as many are at hand, and where the models do not differ. */
function morePhotos(comparison: Comparison): string {
  const needed = Math.ceil(photosToTellApart(comparison) / 100) * 100;
  return Number.isFinite(needed) && needed > comparison.first.photos
    ? ` If they go on differing so, about ${needed} photos would separate them with a power of 80 %.`
    : "";
}

const pairRules: readonly Rule[] = [
  defineRule({
    id: "accuracy/told-apart",
    topic: "contributions",
    when: "the 95 % interval of the difference on the same photos leaves out zero and McNemar's p is at most 0.05",
    subjects: comparisonsOf,
    fire: ({ first, second, difference, p, verdict }) =>
      verdict !== "not told apart"
        ? {
            text: `${first.candidate} is ${verdict} than ${second.candidate} on the same photos: ${points(difference.estimate)} points (95 % interval ${points(difference.low)} to ${points(difference.high)}; McNemar p ${pValue(p)}).`,
            evidence: [first, second].flatMap((body) => at(body, "predictions")),
          }
        : undefined,
  }),
  defineRule({
    id: "accuracy/not-told-apart",
    topic: "contributions",
    when: "the 95 % interval of the difference on the same photos holds zero or McNemar's p is above 0.05",
    subjects: comparisonsOf,
    fire: (comparison) => {
      const { first, second, difference, p, verdict } = comparison;
      if (verdict !== "not told apart") return undefined;
      return {
        text: `${first.photos} photos do not separate ${first.candidate} and ${second.candidate}: ${points(difference.estimate)} points (95 % interval ${points(difference.low)} to ${points(difference.high)}; McNemar p ${pValue(p)}).${morePhotos(comparison)}`,
        evidence: [first, second].flatMap((body) => at(body, "predictions")),
      };
    },
  }),
  defineRule({
    id: "accuracy/other-photos",
    topic: "contributions",
    when: "two models were evaluated on different photos",
    subjects: pairsOf,
    fire: ([first, second]) =>
      compareModels(first.body, second.body) === undefined
        ? {
            text: `${first.body.candidate} and ${second.body.candidate} were evaluated on different photos; their accuracies are not compared.`,
            evidence: [first, second].flatMap(({ body }) => at(body, "data", "photos")),
          }
        : undefined,
  }),
];

/** The most frequent mistake, of at least 3 photos. */
function worstConfusion({ confusion, perClass, classes }: Evaluation) {
  const cells = confusion.flatMap((row, label) =>
    row.flatMap((count, predicted) => (label === predicted ? [] : [{ label, predicted, count }])),
  );
  const worst = cells.toSorted((a, b) => b.count - a.count)[0];
  if (!worst || worst.count < 3) return undefined;
  const { photos } = perClass[worst.label]!;
  return { ...worst, photos, share: worst.count / photos, from: classes[worst.label]!, to: classes[worst.predicted]! };
}

const modelRules: readonly Rule[] = [
  defineRule({
    id: "accuracy/hard-class",
    topic: "training",
    when: "a class of at least 10 photos is found over 10 points less often than all are",
    subjects: each,
    fire: (body) => {
      const known = body.perClass.filter(({ photos, recall }) => photos >= 10 && recall !== null);
      const hardest = known.toSorted((a, b) => a.recall! - b.recall!)[0];
      return hardest && hardest.recall! < body.accuracy.estimate - 0.1
        ? {
            text: `${body.candidate} finds ${hardest.name} least: ${percent(hardest.recall!)} of ${hardest.photos} photos, against ${percent(body.accuracy.estimate)} of all.`,
            evidence: at(body, "perClass", "accuracy"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "accuracy/confused-pair",
    topic: "training",
    when: "over 5 % of a class, and at least 3 photos, are taken for one other class",
    subjects: each,
    fire: (body) => {
      const worst = worstConfusion(body);
      return worst && worst.share > 0.05
        ? {
            text: `${body.candidate}'s most frequent mistake: ${worst.from} taken for ${worst.to}, ${worst.count} of ${worst.photos} photos.`,
            evidence: at(body, "confusion"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "accuracy/overconfident",
    topic: "training",
    when: "mean confidence is over 3 points above the upper end of the accuracy's interval",
    subjects: each,
    fire: (body) => {
      const { meanConfidence } = calibrationOf(body);
      return meanConfidence > body.accuracy.high + 0.03
        ? {
            text: `${body.candidate} is surer than it is right: mean confidence ${percent(meanConfidence)}, accuracy ${withInterval(body.accuracy)}.`,
            evidence: at(body, "predictions", "accuracy"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "accuracy/underconfident",
    topic: "training",
    when: "mean confidence is over 3 points below the lower end of the accuracy's interval",
    subjects: each,
    fire: (body) => {
      const { meanConfidence } = calibrationOf(body);
      return meanConfidence < body.accuracy.low - 0.03
        ? {
            text: `${body.candidate} is right more often than it says: mean confidence ${percent(meanConfidence)}, accuracy ${withInterval(body.accuracy)}.`,
            evidence: at(body, "predictions", "accuracy"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "accuracy/int8",
    topic: "training",
    when: "an int8 model was tested beside the float model that it was made from",
    subjects: each,
    fire: (body) => {
      if (!body.float) return undefined;
      const { accuracy, difference } = body.float;
      const range = `${points(difference.estimate)} points (${points(difference.low)} to ${points(difference.high)})`;
      return {
        text: `${body.candidate} is served as int8: right on ${withInterval(body.accuracy)}, its float form on ${withInterval(accuracy)} of the same photos, difference ${range}.`,
        evidence: at(body, "accuracy", "float"),
      };
    },
  }),
  defineRule({
    id: "accuracy/calibrated",
    topic: "training",
    when: "the expected calibration error is at most 3 points",
    subjects: each,
    fire: (body) => {
      const { error } = calibrationOf(body);
      return error <= 0.03 && body.predictions.length > 0
        ? {
            text: `${body.candidate}'s confidence can be taken at its word: expected calibration error ${points(error)} points.`,
            evidence: at(body, "predictions"),
          }
        : undefined;
    },
  }),
];

export const accuracyRules: readonly Rule[] = [...frontRules, ...modelRules, ...pairRules];
