/** What a report tells, before anything is drawn: facts, sentences, slides. Pure. */
import { type Facts, factsOf } from "./facts/facts.ts";
import type { ReportInput } from "./input.ts";
import { type Sentence, sentencesOf } from "./rules/index.ts";
import { buildCourseDeck, buildDeck } from "./slides/deck.ts";
import type { Deck } from "./slides/slide.ts";

export interface Story {
  readonly facts: Facts;
  readonly sentences: readonly Sentence[];
  readonly deck: Deck;
}

export function tellStory(input: ReportInput): Story {
  const facts = factsOf(input);
  const sentences = sentencesOf(facts);
  const isFromFiles = input.courses.length > 0 && facts.measured.length === 0;
  return { facts, sentences, deck: (isFromFiles ? buildCourseDeck : buildDeck)(facts, sentences) };
}
