/** Why these layers and rates: what the training curves say. */
import type { Training } from "../../records/training.ts";
import { type Facts, modelOf, recordPaths } from "../facts/facts.ts";
import { trainingPhases } from "../facts/phases.ts";
import { inWords, percent } from "../words.ts";
import { defineRule, type Rule } from "./rule.ts";

/** What was trained here: an imported model's file tells nothing of its training. */
const each = ({ models }: Facts): Training[] =>
  models.flatMap(({ training }) => (training && !training.body.imported ? training.body : []));
const at = ({ candidate }: Training, ...pointers: string[]) =>
  pointers.map((pointer) => `${recordPaths.training(candidate)}#/body/${pointer}`);
/** The head's best epoch; undefined where an epoch of fine-tuning was kept instead. */
const keptOfHead = ({ history, bestEpoch, fineTuning }: Training) =>
  fineTuning && fineTuning.bestEpoch > 0 ? undefined : history.find(({ epoch }) => epoch === bestEpoch);

/** The accuracy and the latency model, where both were trained. */
function bothModels(facts: Facts): [Training, Training][] {
  const [a, b] = [modelOf(facts, "accuracy")?.training?.body, modelOf(facts, "latency")?.training?.body];
  return a && b && !a.imported && !b.imported ? [[a, b]] : [];
}

/** Share of epochs after the fifth whose validation loss is above the one before. */
function roughness({ history }: Training): number {
  const later = history.slice(5);
  const rises = later.filter((epoch, i) => epoch.validationLoss > history[i + 4]!.validationLoss).length;
  return later.length === 0 ? 0 : rises / later.length;
}

const curveRules: readonly Rule[] = [
  defineRule({
    id: "training/kept-before-end",
    topic: "training",
    when: "the head's epoch was kept and lies in the first 80 % of those trained",
    subjects: each,
    fire: (body) => {
      const best = keptOfHead(body);
      return best && body.bestEpoch < 0.8 * body.history.length
        ? {
            text: `${body.candidate}: validation was best at epoch ${body.bestEpoch} of ${body.history.length} (${percent(best.validationAccuracy)}), so the weights of that epoch were kept.`,
            evidence: at(body, "bestEpoch", "history"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "training/still-improving",
    topic: "training",
    when: "the last epoch was the best and nothing stopped training",
    subjects: each,
    fire: (body) =>
      body.bestEpoch === body.history.length && !body.stoppedEarly
        ? {
            text: `${body.candidate}: the last of ${body.history.length} epochs was the best on validation; more epochs may still help.`,
            evidence: at(body, "bestEpoch", "stoppedEarly"),
          }
        : undefined,
  }),
  defineRule({
    id: "training/overfitted",
    topic: "training",
    when: "the head's epoch was kept and training accuracy is over 10 points above validation accuracy there",
    subjects: each,
    fire: (body) => {
      const best = keptOfHead(body);
      return best && best.accuracy - best.validationAccuracy > 0.1
        ? {
            text: `${body.candidate} knows its training photos better than others: ${percent(best.accuracy)} right on them, ${percent(best.validationAccuracy)} on validation; more photos, dropout or augmentation would narrow that.`,
            evidence: at(body, "history"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "training/stopped-early",
    topic: "training",
    when: "patience ended training before the planned epochs",
    subjects: each,
    fire: (body) =>
      body.stoppedEarly
        ? {
            text: `${body.candidate}: training stopped after ${body.history.length} of ${body.choices.head.epochs} epochs because validation had not improved for ${body.choices.head.patience ?? "the patience's"} epochs.`,
            evidence: at(body, "stoppedEarly", "choices/head"),
          }
        : undefined,
  }),
  defineRule({
    id: "training/rough-validation",
    topic: "training",
    when: "validation loss rose in over 45 % of the epochs after the fifth, of at least 10",
    subjects: each,
    fire: (body) =>
      body.history.length >= 15 && roughness(body) > 0.45
        ? {
            text: `${body.candidate}: validation loss rose in ${percent(roughness(body), 0)} of the later epochs; a learning rate below ${body.choices.head.learningRate} would be calmer.`,
            evidence: at(body, "history", "choices/head/learningRate"),
          }
        : undefined,
  }),
  defineRule({
    id: "training/fine-tuning-helped",
    topic: "training",
    when: "fine-tuning ended with a better validation accuracy than the head's",
    subjects: each,
    fire: (body) => {
      const gain = fineTuningGain(body);
      return gain && gain.after > gain.before
        ? {
            text: `${body.candidate}: fine-tuning the last ${body.choices.unfrozenLayers} layers raised validation accuracy from ${percent(gain.before)} to ${percent(gain.after)}.`,
            evidence: at(body, "fineTuning", "history"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "training/fine-tuning-idle",
    topic: "training",
    when: "fine-tuning did not raise validation accuracy",
    subjects: each,
    fire: (body) => {
      const gain = fineTuningGain(body);
      return gain && gain.after <= gain.before
        ? {
            text: `${body.candidate}: fine-tuning did not raise validation accuracy (${percent(gain.before)} before, ${percent(gain.after)} at its best).`,
            evidence: at(body, "fineTuning", "history"),
          }
        : undefined;
    },
  }),
];

/** Best validation accuracy of the head and of fine-tuning. */
function fineTuningGain(body: Training): { before: number; after: number } | undefined {
  const [head, tuning] = trainingPhases(body);
  if (!head || !tuning) return undefined;
  const best = (history: Training["history"]) => Math.max(...history.map((epoch) => epoch.validationAccuracy));
  return { before: best(head.history), after: best(tuning.history) };
}

/** Features that another candidate needed as well are kept and not computed again. */
function featureTime({ phases: { featuresSeconds } }: Training): string {
  return featuresSeconds < 0.5 ? "here they were already kept" : `${featuresSeconds.toFixed(0)} s`;
}

const choiceRules: readonly Rule[] = [
  defineRule({
    id: "training/few-photos",
    topic: "training",
    when: "only some photos a class were used",
    subjects: each,
    fire: (body) =>
      body.choices.head.photosPerClass !== null
        ? {
            text: `${body.candidate} was trained on only ${body.choices.head.photosPerClass} photos a class for ${body.choices.head.epochs} epochs.`,
            evidence: at(body, "choices/head"),
          }
        : undefined,
  }),
  defineRule({
    id: "training/frozen",
    topic: "training",
    when: "no layer of the base was un-frozen",
    subjects: each,
    fire: (body) =>
      body.choices.unfrozenLayers === 0
        ? {
            text: `${body.candidate}: the base stayed frozen, so its features are computed once (${featureTime(body)}) and the head took ${body.phases.headSeconds.toFixed(1)} s.`,
            evidence: at(body, "choices/unfrozenLayers", "phases"),
          }
        : undefined,
  }),
  defineRule({
    id: "training/unfrozen",
    topic: "training",
    when: "layers of the base were un-frozen for fine-tuning",
    subjects: each,
    fire: (body) => {
      const { unfrozenLayers, fineTuning, head } = body.choices;
      return unfrozenLayers > 0 && fineTuning
        ? {
            text: `${body.candidate}: the last ${unfrozenLayers} layers were un-frozen and trained on at a rate of ${fineTuning.learningRate}, ${(head.learningRate / fineTuning.learningRate).toFixed(1)} times below the head's, so as not to undo what the base knows.`,
            evidence: at(body, "choices"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "training/joined-bases",
    topic: "training",
    when: "a model joins the features of several bases",
    subjects: each,
    fire: (body) =>
      body.bases.length > 1
        ? {
            text: `${body.candidate} joins ${body.bases.map(({ title }) => title).join(", ")}: ${body.featureCount} features a photo; each base has to be run for every request.`,
            evidence: at(body, "bases", "featureCount"),
          }
        : undefined,
  }),
  defineRule({
    id: "training/augmented",
    topic: "training",
    when: "training photos were changed at random",
    subjects: each,
    fire: (body) =>
      body.choices.augmentation !== null
        ? {
            text: `${body.candidate} saw changed photos in training: ${inWords(body.choices.augmentation)}.`,
            evidence: at(body, "choices/augmentation"),
          }
        : undefined,
  }),
];

const pairRules: readonly Rule[] = [
  defineRule({
    id: "training/rates-differ",
    topic: "training",
    when: "the accuracy and the latency model were trained at different rates",
    subjects: bothModels,
    fire: ([a, b]) =>
      a.choices.head.learningRate !== b.choices.head.learningRate
        ? {
            text: `The heads learn at ${a.choices.head.learningRate} (${a.candidate}) and ${b.choices.head.learningRate} (${b.candidate}).`,
            evidence: [...at(a, "choices/head/learningRate"), ...at(b, "choices/head/learningRate")],
          }
        : undefined,
  }),
  defineRule({
    id: "training/base-published",
    topic: "training",
    when: "the accuracy model's best base has the higher published accuracy",
    subjects: bothModels,
    fire: ([a, b]) => {
      const best = ({ bases }: Training) => Math.max(...bases.map(({ imagenetTop1 }) => imagenetTop1 ?? Number.NaN));
      const size = ({ bases }: Training) => bases.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
      return best(a) > best(b)
        ? {
            text: `The bases were chosen by their published ImageNet accuracy and size: ${percent(best(a))} and ${size(a).toFixed(0)} MB for ${a.candidate}, ${percent(best(b))} and ${size(b).toFixed(0)} MB for ${b.candidate}.`,
            evidence: [...at(a, "bases"), ...at(b, "bases")],
          }
        : undefined;
    },
  }),
];

export const trainingRules: readonly Rule[] = [...choiceRules, ...pairRules, ...curveRules];
