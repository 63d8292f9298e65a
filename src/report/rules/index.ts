/** Every rule, in the order in which their sentences are spoken. */
import type { Facts } from "../facts/facts.ts";
import { accuracyRules } from "./accuracy-rules.ts";
import { contributionRules } from "./cost-rules.ts";
import { courseRules } from "./course-rules.ts";
import { dataRules } from "./data-rules.ts";
import { maxRules } from "./max-rules.ts";
import { applyRules, type Rule, type Sentence } from "./rule.ts";
import { scalingRules } from "./scaling-rules.ts";
import { singleRules } from "./single-rules.ts";
import { trainingRules } from "./training-rules.ts";

export type { Sentence, Topic } from "./rule.ts";

export const rules: readonly Rule[] = [
  ...dataRules,
  ...trainingRules,
  ...accuracyRules,
  ...singleRules,
  ...maxRules,
  ...scalingRules,
  ...courseRules,
  ...contributionRules,
];

export function sentencesOf(facts: Facts): Sentence[] {
  return applyRules(rules, facts);
}
