/** Part 1: the training choices side by side, and the curves. */
import type { Evaluation } from "../../records/evaluation.ts";
import type { Training } from "../../records/training.ts";
import { renderLines } from "../charts.ts";
import type { ReportInput } from "../gather.ts";
import { basis, figure, missing, section, table } from "../html.ts";
import { percent, runBasis, withInterval } from "../words.ts";

/** Accuracy against latency: the predecessor beside them is not compared. */
const comparedColumns = 2;

export function trainingSection(input: ReportInput): string {
  const shown = input.trainings.map(({ body }) => body);
  if (shown.length === 0) return section("1", "Training choices", missing("Training", "fulcrum train"));
  const evaluationOf = (name: string) => input.evaluations.find(({ body }) => body.candidate === name)?.body;
  const columns = shown.map((training) => describe(training, evaluationOf(training.candidate)));
  const labels = columns[0]!.map(([label]) => label);
  const rows = labels.map((label, i) => [label, ...columns.map((column) => column[i]![1])]);
  const header = [
    "",
    ...shown.map(({ role, candidate }) =>
      role === "none" || role === candidate ? candidate : `${candidate} (${role})`,
    ),
  ];
  return section(
    "1",
    "Training choices",
    table(header, rows, comparedColumns),
    basis(
      `Marked rows differ between the first two columns. ImageNet top-1: ${sourcesOf(shown)}. ${runBasis(input)}. ` +
        "Intervals are 95 %.",
    ),
    `<div class="grid">${shown.map(curves).join("")}</div>`,
  );
}

function describe(training: Training, evaluation: Evaluation | undefined): [string, string][] {
  const { bases, choices, preprocessing, photos, history, bestEpoch } = training;
  const { head, fineTuning, augmentation } = choices;
  const time = evaluation?.inferenceMs;
  return [
    ["base model", bases.map(({ title }) => title).join(" + ")],
    ["size of the base", `${(bases.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6).toFixed(1)} MB`],
    [
      "parameters of the base",
      `${(bases.reduce((sum, { parameters }) => sum + parameters, 0) / 1e6).toFixed(1)} million`,
    ],
    ["ImageNet top-1 (published)", bases.map(({ imagenetTop1 }) => percent(imagenetTop1)).join(", ")],
    [
      "model on this CPU, 1 thread",
      time
        ? `${time.estimate.toFixed(1)} ms (${time.low.toFixed(1)} to ${time.high.toFixed(1)}, ${time.runs} runs)`
        : "not measured",
    ],
    ["input", preprocessing.map(({ size, resize }) => `${size} px ${resize}`).join(", ")],
    ["augmentation", augmentation === null ? "none" : inWords(augmentation)],
    ["training photos", String(photos.training)],
    ["head: epochs (kept)", `${history.length} of ${head.epochs} (${bestEpoch})`],
    ["head: optimizer, rate", `${head.optimizer}, ${head.learningRate}`],
    ["head: dropout, batch", `${head.dropout}, ${head.batchSize}`],
    ["layers un-frozen", String(choices.unfrozenLayers)],
    [
      "fine-tuning",
      fineTuning && fineTuning.epochs > 0
        ? `${fineTuning.epochs} epochs, ${fineTuning.optimizer}, ${fineTuning.learningRate}`
        : "none",
    ],
    ["accuracy on the test photos", evaluation ? withInterval(evaluation.accuracy) : "not evaluated"],
  ];
}

function sourcesOf(trainings: readonly Training[]): string {
  const sources = trainings.flatMap(({ bases }) => bases.map(({ imagenetTop1Source }) => imagenetTop1Source));
  return [...new Set(sources)].join("; ");
}

/** "rotationDegrees 10, horizontalFlip": settings that do something, as the project file names them. */
export function inWords(settings: Readonly<Record<string, unknown>>): string {
  const active = Object.entries(settings).filter(([, value]) => value !== 0 && value !== false && value !== null);
  return active.map(([name, value]) => (value === true ? name : `${name} ${String(value)}`)).join(", ");
}

function curves({ candidate, history }: Training): string {
  const series = [
    { name: "training", points: history.map(({ epoch, accuracy }) => [epoch, 100 * accuracy] as const) },
    {
      name: "validation",
      points: history.map(({ epoch, validationAccuracy }) => [epoch, 100 * validationAccuracy] as const),
    },
  ];
  const title = `${candidate}: accuracy by epoch`;
  const rows = history.map(({ epoch, accuracy, validationAccuracy }) => [
    String(epoch),
    percent(accuracy),
    percent(validationAccuracy),
  ]);
  return figure(
    renderLines({ title, xLabel: "epoch", yLabel: "accuracy, %", series, yMax: 100 }),
    title,
    table(["epoch", "training", "validation"], rows),
  );
}
