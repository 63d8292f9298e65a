/** For each rule about photos, training and accuracy: a run on which it speaks, and one on which it is silent. */

import { wilsonInterval } from "../../src/evaluate/index.ts";
import type { Training } from "../../src/records/training.ts";
import {
  asItIs,
  type Edit,
  type EditableRun,
  evaluationOf,
  type Mutable,
  setRight,
  trainingOf,
} from "./report-edit.ts";

export interface RuleCase {
  readonly speaks: Edit;
  readonly silent: Edit;
  /** What one of its sentences says then. */
  readonly says: RegExp;
}

const everyTraining = (run: EditableRun, change: (body: Mutable<Training>) => void) =>
  run.trainings.forEach(({ body }) => {
    change(body);
  });
const everyEvaluation = (run: EditableRun, right: (index: number) => number, confidence: number) =>
  run.evaluations.forEach(({ body }, i) => {
    setRight(body, right(i), confidence);
  });

const epoch = (number: number, validationAccuracy: number, validationLoss = 1) => {
  const held = { accuracy: validationAccuracy, validationLoss, validationAccuracy };
  return { epoch: number, loss: 0.1, ...held, learningRate: 0.001, seconds: 1 };
};
const fineTuned = (validationAccuracy: number) => (run: EditableRun) =>
  everyTraining(run, (body) => {
    body.history = [epoch(1, 0.8)];
    body.bestEpoch = 1;
    body.choices.unfrozenLayers = 5;
    body.fineTuning = {
      layers: { base: ["top"] },
      batchNorm: "frozen",
      trainedParameters: 1000,
      stoppedEarly: false,
      history: [epoch(1, 0.7), epoch(2, validationAccuracy)],
      bestEpoch: 2,
    };
  });

const data: Readonly<Record<string, RuleCase>> = {
  "data/synthetic": {
    speaks: asItIs,
    silent: (run) => {
      run.dataset!.body.synthetic = false;
    },
    says: /synthetic, drawn by fulcrum/,
  },
  "data/few-test-photos": {
    speaks: asItIs,
    silent: (run) => {
      for (const { body } of run.evaluations) body.photos = 500;
    },
    says: /With 320 test photos/,
  },
  "data/duplicates": {
    speaks: (run) => {
      run.dataset!.body.duplicatesAcrossSplits = [["training/a.jpg", "evaluation/b.jpg"]];
    },
    silent: asItIs,
    says: /^1 photo lies in more than one split/,
  },
  "data/unreadable": {
    speaks: (run) => {
      run.dataset!.body.unreadable = [{ path: "a.jpg", problem: "it is empty" }];
    },
    silent: asItIs,
    says: /^1 files could not be read/,
  },
  "data/imbalanced": {
    speaks: (run) => {
      const { splits } = run.dataset!.body;
      splits.training = splits.training.filter(({ label }, i) => label !== 2 || i % 3 === 0);
    },
    silent: asItIs,
    says: /60 training photos of \w+, 20 of soup/,
  },
  "data/split-drawn": {
    speaks: (run) => {
      run.dataset!.body.splitOrigin = "seeded";
    },
    silent: asItIs,
    says: /240 photos for training, 80 for validation, 320 for the test/,
  },
};

const training: Readonly<Record<string, RuleCase>> = {
  "training/few-photos": {
    speaks: asItIs,
    silent: (run) =>
      everyTraining(run, (body) => {
        body.choices.head.photosPerClass = null;
      }),
    says: /previous was trained on only 10 photos a class/,
  },
  "training/frozen": { speaks: asItIs, silent: fineTuned(0.9), says: /the head took 3\.0 s/ },
  "training/unfrozen": {
    speaks: (run) => {
      fineTuned(0.9)(run);
      const { choices } = trainingOf(run, "latency");
      choices.fineTuning = { ...choices.head, epochs: 9, optimizer: "adam", learningRate: 0.0001 };
    },
    silent: asItIs,
    says: /latency: the last 5 layers .* 10\.0 times below/,
  },
  "training/joined-bases": {
    speaks: asItIs,
    silent: (run) =>
      everyTraining(run, (body) => {
        body.bases = body.bases.slice(0, 1);
      }),
    says: /joins EfficientNet-Lite0, EfficientNet-Lite2: 2560 features/,
  },
  "training/augmented": {
    speaks: asItIs,
    silent: (run) =>
      everyTraining(run, (body) => {
        body.choices.augmentation = null;
      }),
    says: /accuracy saw changed photos in training: rotationDegrees 10, horizontalFlip/,
  },
  "training/rates-differ": {
    speaks: (run) => {
      trainingOf(run, "latency").choices.head.learningRate = 0.01;
    },
    silent: asItIs,
    says: /learn at 0\.001 \(accuracy\) and 0\.01 \(latency\)/,
  },
  "training/base-published": {
    speaks: (run) => {
      trainingOf(run, "accuracy").bases[1]!.imagenetTop1 = 0.8;
    },
    silent: asItIs,
    says: /80\.0 % and 37 MB for accuracy, 74\.8 % and 19 MB for latency/,
  },
  "training/kept-before-end": {
    speaks: (run) => {
      trainingOf(run, "latency").bestEpoch = 23;
    },
    silent: asItIs,
    says: /latency: validation was best at epoch 23 of 30/,
  },
  "training/still-improving": {
    speaks: asItIs,
    silent: (run) => {
      trainingOf(run, "previous").stoppedEarly = true;
    },
    says: /previous: the last of 2 epochs/,
  },
  "training/overfitted": {
    speaks: (run) => {
      const body = trainingOf(run, "latency");
      body.history.at(-1)!.validationAccuracy = 0.5;
    },
    silent: asItIs,
    says: /latency knows its training photos better.*50\.0 % on validation/,
  },
  "training/stopped-early": {
    speaks: asItIs,
    silent: (run) =>
      everyTraining(run, (body) => {
        body.stoppedEarly = false;
      }),
    says: /stopped after 24 of 60 epochs/,
  },
  "training/rough-validation": {
    speaks: (run) => {
      const body = trainingOf(run, "latency");
      body.history = Array.from({ length: 20 }, (_, i) => epoch(i + 1, 0.8, i % 2));
    },
    silent: asItIs,
    says: /validation loss rose in 53 % of the later epochs/,
  },
  "training/fine-tuning-helped": { speaks: fineTuned(0.9), silent: fineTuned(0.75), says: /from 80\.0 % to 90\.0 %/ },
  "training/fine-tuning-idle": {
    speaks: fineTuned(0.75),
    silent: fineTuned(0.9),
    says: /80\.0 % before, 75\.0 % at its best/,
  },
};

const accuracy: Readonly<Record<string, RuleCase>> = {
  "accuracy/on-front": {
    speaks: asItIs,
    silent: (run) => {
      for (const { body } of run.evaluations) body.inferenceMs = null;
    },
    says: /latency is on the front/,
  },
  "accuracy/beaten": {
    speaks: asItIs,
    silent: (run) => {
      evaluationOf(run, "previous").inferenceMs!.estimate = 1;
    },
    says: /previous is not on the front: latency is/,
  },
  "accuracy/told-apart": {
    speaks: asItIs,
    silent: (run) => everyEvaluation(run, () => 280, 0.9),
    says: /accuracy is more accurate than previous/,
  },
  "accuracy/not-told-apart": {
    speaks: (run) => everyEvaluation(run, (i) => 280 + i, 0.9),
    silent: (run) => everyEvaluation(run, (i) => 310 - 100 * i, 0.9),
    says: /320 photos do not separate accuracy and latency: -0\.3 points .* about 2600 photos would .* power of 80 %/,
  },
  "accuracy/other-photos": {
    speaks: (run) => {
      evaluationOf(run, "latency").predictions[0]!.path = "elsewhere.jpg";
    },
    silent: asItIs,
    says: /accuracy and latency were evaluated on different photos/,
  },
  "accuracy/hard-class": {
    speaks: (run) => {
      evaluationOf(run, "accuracy").perClass[1]!.recall = 0.5;
    },
    silent: (run) => {
      for (const { body } of run.evaluations) for (const one of body.perClass) one.recall = body.accuracy.estimate;
    },
    says: /accuracy finds pizza least: 50\.0 % of 80 photos/,
  },
  "accuracy/confused-pair": {
    speaks: asItIs,
    silent: (run) => {
      for (const { body } of run.evaluations) for (const row of body.confusion) row.fill(2);
    },
    says: /taken for \w+, \d+ of 80 photos/,
  },
  "accuracy/overconfident": {
    speaks: (run) => everyEvaluation(run, () => 240, 0.95),
    silent: (run) => everyEvaluation(run, () => 240, 0.75),
    says: /mean confidence 95\.0 %, accuracy 75\.0 %/,
  },
  "accuracy/underconfident": {
    speaks: (run) => everyEvaluation(run, () => 240, 0.5),
    silent: (run) => everyEvaluation(run, () => 240, 0.75),
    says: /right more often than it says: mean confidence 50\.0 %/,
  },
  "accuracy/int8": {
    speaks: (run) => {
      const body = evaluationOf(run, "latency");
      const [float, difference] = [wilsonInterval(90, 100), wilsonInterval(1, 100)];
      body.float = { modelSha256: "0".repeat(64), accuracy: float, difference };
    },
    silent: () => {},
    says: /latency is served as int8: .*float form on 90\.0 %.*difference 1\.0 points/,
  },
  "accuracy/calibrated": {
    speaks: (run) => everyEvaluation(run, () => 240, 0.76),
    silent: (run) => everyEvaluation(run, () => 240, 0.9),
    says: /expected calibration error 1\.0 points/,
  },
};

export const modelCases: Readonly<Record<string, RuleCase>> = { ...data, ...training, ...accuracy };
