/** What each recipe costs, whether the objectives are met, and what differs from the predecessor. */
import { costOf } from "../facts/cost.ts";
import { totalsOf } from "../facts/course.ts";
import { type Facts, type Measured, measuredAs, modelOf, recordPaths, shapeOf } from "../facts/facts.ts";
import { percent, withInterval } from "../words.ts";
import { defineRule, type Rule } from "./rule.ts";

const at = ({ path }: Measured, ...pointers: string[]) => pointers.map((pointer) => `${path}#/body/${pointer}`);

const recipes = (facts: Facts) =>
  measuredAs(facts, "autoscaled").flatMap((measured) => {
    const cost = costOf(measured.body, facts.input.prices);
    return cost ? [{ measured, cost }] : [];
  });
type Recipe = ReturnType<typeof recipes>[number];
const costEvidence = ({ measured }: Recipe) => at(measured, "samples", "summary/okay", "summary/elapsedSeconds");

/** Each two recipes of different candidates, the cheaper first. */
const recipePairs = (facts: Facts) => {
  const all = recipes(facts).toSorted((a, b) => a.cost.coreHours - b.cost.coreHours);
  return all.flatMap((cheap, i) =>
    all
      .slice(i + 1)
      .filter(({ measured }) => measured.body.candidate !== cheap.measured.body.candidate)
      .map((dear) => ({ cheap, dear })),
  );
};

const costRules: readonly Rule[] = [
  defineRule({
    id: "cost/priced",
    topic: "contributions",
    when: "the project file holds a price sheet",
    subjects: recipes,
    fire: (recipe, { input: { prices } }) =>
      prices && recipe.cost.money !== null
        ? {
            text: `${recipe.measured.name} costs ${recipe.cost.money.toPrecision(3)} ${prices.currency} for a million requests (${recipe.cost.coreHours.toPrecision(3)} core-hours and ${recipe.cost.gibHours.toPrecision(3)} GiB-hours requested; prices: ${prices.source}).`,
            evidence: costEvidence(recipe),
          }
        : undefined,
  }),
  defineRule({
    id: "cost/unpriced",
    topic: "contributions",
    when: "the project file holds no price sheet",
    subjects: recipes,
    fire: (recipe) =>
      recipe.cost.money === null
        ? {
            text: `${recipe.measured.name} requests ${recipe.cost.coreHours.toPrecision(3)} core-hours and ${recipe.cost.gibHours.toPrecision(3)} GiB-hours for a million requests; report.prices in the project file would make money of it.`,
            evidence: costEvidence(recipe),
          }
        : undefined,
  }),
  defineRule({
    id: "cost/cheaper",
    topic: "contributions",
    when: "one recipe requests over 10 % less CPU a request than another",
    subjects: recipePairs,
    fire: ({ cheap, dear }) => {
      const share = cheap.cost.coreHours / dear.cost.coreHours;
      return share < 0.9
        ? {
            text: `${cheap.measured.name} requests ${percent(1 - share, 0)} less CPU for a request than ${dear.measured.name}.`,
            evidence: [...costEvidence(cheap), ...costEvidence(dear)],
          }
        : undefined;
    },
  }),
  defineRule({
    id: "cost/idle",
    topic: "contributions",
    when: "over half of the requested CPU was not used",
    subjects: recipes,
    fire: (recipe) => {
      const { usedCpuShare } = recipe.cost;
      return usedCpuShare !== null && usedCpuShare < 0.5
        ? {
            text: `${recipe.measured.name}: ${percent(1 - usedCpuShare, 0)} of the CPU that is paid for was not used over this load; lower requests or a higher target would save it.`,
            evidence: at(recipe.measured, "samples"),
          }
        : undefined;
    },
  }),
];

/** Every value of an objective beside what was asked. */
function objectiveRules(
  name: string,
  words: string,
  read: (facts: Facts) => { text: string; isMet: boolean; evidence: string[] }[],
): Rule[] {
  const rule = (isMet: boolean) =>
    defineRule({
      id: `objective/${name}-${isMet ? "met" : "missed"}`,
      topic: "contributions",
      when: `${words} is asked for and ${isMet ? "reached" : "not reached"}`,
      subjects: read,
      fire: (subject) => {
        const verdict = isMet ? "the objective is met" : "the objective is missed";
        return subject.isMet === isMet
          ? { text: `${subject.text}: ${verdict}.`, evidence: subject.evidence }
          : undefined;
      },
    });
  return [rule(true), rule(false)];
}

const objectives: readonly Rule[] = [
  ...objectiveRules("accuracy", "a test accuracy", ({ input, models }) => {
    const least = input.objectives?.minAccuracy ?? null;
    if (least === null) return [];
    return models.flatMap(({ name, evaluation }) =>
      evaluation
        ? [
            {
              text: `${name} is right on ${withInterval(evaluation.body.accuracy)}, ${percent(least)} are asked for`,
              isMet: evaluation.body.accuracy.estimate >= least,
              evidence: [`${recordPaths.evaluation(name)}#/body/accuracy`],
            },
          ]
        : [],
    );
  }),
  ...objectiveRules("response", "a mean response time of a single pod", (facts) => {
    const most = facts.input.objectives?.maxMeanResponseMs ?? null;
    if (most === null) return [];
    return measuredAs(facts, "single").flatMap((measured) => {
      const mean = measured.body.summary.responseMs?.mean;
      if (mean === undefined) return [];
      const text = `${measured.name} answers in ${mean.toFixed(0)} ms in a single pod, at most ${most} ms are asked for`;
      return [{ text, isMet: mean <= most, evidence: at(measured, "summary/responseMs/mean") }];
    });
  }),
  ...objectiveRules("availability", "an availability", (facts) => {
    const least = facts.input.objectives?.minAvailability ?? null;
    if (least === null) return [];
    return facts.courses.flatMap((course) => {
      const { availability } = totalsOf(course);
      if (availability === null) return [];
      const text = `${course.name} answered ${percent(availability, 2)} of requests under the varying load, ${percent(least)} are asked for`;
      return [{ text, isMet: availability >= least, evidence: [course.sources.rows] }];
    });
  }),
];

/** The single pods of the new models, each with the predecessor's. */
function besidePredecessor(facts: Facts) {
  const before = shapeOf(modelOf(facts, "previous"), "single");
  const now = (["accuracy", "latency"] as const).flatMap((role) => shapeOf(modelOf(facts, role), "single") ?? []);
  return before ? now.map((measured) => ({ measured, before, ...ratesOf(measured, before) })) : [];
}

function ratesOf(measured: Measured, before: Measured) {
  const rateOf = ({ body }: Measured) => body.summary.transactionRatePerSecond;
  return { rate: rateOf(measured), old: rateOf(before) };
}

const predecessorRules: readonly Rule[] = [
  defineRule({
    id: "predecessor/faster-pod",
    topic: "contributions",
    when: "a single pod of a new model answers more requests a second than the predecessor's",
    subjects: besidePredecessor,
    fire: ({ measured, before, rate, old }) => {
      return old > 0 && rate > old
        ? {
            text: `A single pod of ${measured.name} answers ${rate.toFixed(1)} requests a second, the predecessor's ${old.toFixed(1)} (one run each).`,
            evidence: [measured, before].flatMap((one) => at(one, "summary/transactionRatePerSecond")),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "predecessor/slower-pod",
    topic: "contributions",
    when: "a single pod of a new model answers fewer requests a second than the predecessor's",
    subjects: besidePredecessor,
    fire: ({ measured, before, rate, old }) => {
      return rate < old
        ? {
            text: `A single pod of ${measured.name} answers ${rate.toFixed(1)} requests a second, fewer than the predecessor's ${old.toFixed(1)} (one run each).`,
            evidence: [measured, before].flatMap((one) => at(one, "summary/transactionRatePerSecond")),
          }
        : undefined;
    },
  }),
];

export const contributionRules: readonly Rule[] = [...predecessorRules, ...costRules, ...objectives];
