/** What the photos allow to say. */
import type { Dataset } from "../../records/dataset.ts";
import { type Facts, recordPaths } from "../facts/facts.ts";
import { percent } from "../words.ts";
import { defineRule, type Rule } from "./rule.ts";

const at = (pointer: string) => `${recordPaths.dataset}#/body/${pointer}`;
const dataset = ({ input }: Facts): readonly Dataset[] => (input.dataset ? [input.dataset.body] : []);
const fewPhotos = 500;

/** Photos of each class in training, as [fewest, most] with the names. */
function classSizes({ classes, splits }: Dataset) {
  const counts = classes.map((name, label) => ({
    name,
    photos: splits.training.filter((photo) => photo.label === label).length,
  }));
  const ordered = counts.toSorted((a, b) => a.photos - b.photos);
  return { fewest: ordered[0]!, most: ordered.at(-1)! };
}

export const dataRules: readonly Rule[] = [
  defineRule({
    id: "data/synthetic",
    topic: "training",
    when: "the photos are drawn",
    subjects: dataset,
    fire: ({ synthetic }) =>
      synthetic
        ? {
            text: "The photos are synthetic, drawn by fulcrum: the figures compare models with each other and say nothing about real food.",
            evidence: [at("synthetic")],
          }
        : undefined,
  }),
  defineRule({
    id: "data/few-test-photos",
    topic: "training",
    when: `fewer than ${fewPhotos} test photos`,
    subjects: ({ models }) => models.flatMap(({ evaluation }) => evaluation ?? []).slice(0, 1),
    fire: ({ body: { photos, accuracy, candidate } }) =>
      photos < fewPhotos
        ? {
            text: `With ${photos} test photos an accuracy is known only within ${percent((accuracy.high - accuracy.low) / 2)} either way; models closer than that cannot be ranked by it.`,
            evidence: [
              `${recordPaths.evaluation(candidate)}#/body/photos`,
              `${recordPaths.evaluation(candidate)}#/body/accuracy`,
            ],
          }
        : undefined,
  }),
  defineRule({
    id: "data/duplicates",
    topic: "training",
    when: "the same file lies in more than one split",
    subjects: dataset,
    fire: ({ duplicatesAcrossSplits: { length } }) =>
      length > 0
        ? {
            text: `${length} ${length === 1 ? "photo lies" : "photos lie"} in more than one split: the accuracy on the test photos is too kind by that much at most.`,
            evidence: [at("duplicatesAcrossSplits")],
          }
        : undefined,
  }),
  defineRule({
    id: "data/unreadable",
    topic: "training",
    when: "files were left out by consent",
    subjects: dataset,
    fire: ({ unreadable: { length } }) =>
      length > 0
        ? { text: `${length} files could not be read and were left out.`, evidence: [at("unreadable")] }
        : undefined,
  }),
  defineRule({
    id: "data/imbalanced",
    topic: "training",
    when: "the largest class has over twice the training photos of the smallest",
    subjects: dataset,
    fire: (body) => {
      const { fewest, most } = classSizes(body);
      return most.photos > 2 * fewest.photos
        ? {
            text: `Classes are uneven: ${most.photos} training photos of ${most.name}, ${fewest.photos} of ${fewest.name}.`,
            evidence: [at("splits/training"), at("classes")],
          }
        : undefined;
    },
  }),
  defineRule({
    id: "data/split-drawn",
    topic: "training",
    when: "the folder had no complete splits",
    subjects: dataset,
    fire: ({ splitOrigin, splits }) =>
      splitOrigin !== "given"
        ? {
            text: `The folder gave no ${splitOrigin === "seeded" ? "splits" : "validation split"}; it was drawn by class from the run's seed: ${splits.training.length} photos for training, ${splits.validation.length} for validation, ${splits.evaluation.length} for the test.`,
            evidence: [at("splitOrigin")],
          }
        : undefined,
  }),
];
