/**
 * Speaker notes by rules: a rule says when it fires, what it is asked about, and gives a sentence with the values that
 * it was made from and where these lie in the records. A sentence whose condition does not hold is not there. Pure.
 */
import type { Facts } from "../facts/facts.ts";

/** The slide that a sentence belongs to. */
export type Topic = "training" | "single" | "max" | "max-size" | "scaling" | "course" | "contributions";

export interface Finding {
  readonly text: string;
  /** JSON pointers into records, as "train/latency/record.json#/body/bestEpoch". */
  readonly evidence: readonly string[];
}

export interface Rule<Subject = unknown> {
  /** "area/what" */
  readonly id: string;
  readonly topic: Topic;
  /** The condition, in words. */
  readonly when: string;
  /** What the rule is asked about: every model, every pair, every measurement. */
  subjects(facts: Facts): readonly Subject[];
  /** undefined where the condition does not hold. */
  fire(subject: Subject, facts: Facts): Finding | undefined;
  /** For topic "course": the name of the course that the subject belongs to. */
  courseOf?(subject: Subject): string;
}

export interface Sentence extends Finding {
  readonly rule: string;
  readonly when: string;
  readonly topic: Topic;
  /** The course that it is about; null where it is about no single one. */
  readonly course: string | null;
}

/** Fixes the type of a rule's subject and then forgets it: all rules are asked alike. */
export function defineRule<Subject>(rule: Rule<Subject>): Rule {
  return rule as unknown as Rule;
}

export function applyRules(rules: readonly Rule[], facts: Facts): Sentence[] {
  return rules.flatMap((rule) =>
    rule.subjects(facts).flatMap((subject) => {
      const finding = rule.fire(subject, facts);
      if (!finding) return [];
      const { id, when, topic } = rule;
      return [{ ...finding, rule: id, when, topic, course: rule.courseOf?.(subject) ?? null }];
    }),
  );
}
