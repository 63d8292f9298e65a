/** The training choices side by side. Pure. */
import type { Evaluation } from "../../records/evaluation.ts";
import type { Training } from "../../records/training.ts";
import type { Facts } from "../facts/facts.ts";
import { trainingPhases } from "../facts/phases.ts";
import { inWords, percent, withInterval } from "../words.ts";
import { columnTable, type Table } from "./table.ts";

interface Column {
  readonly training: Training;
  readonly evaluation: Evaluation | undefined;
}

/** Accuracy against latency: the predecessor beside them is not compared. */
const comparedColumns = 2;

export function trainingTable({ models }: Facts): Table | undefined {
  const columns = models.flatMap(({ training, evaluation }) =>
    training ? [{ training: training.body, evaluation: evaluation?.body }] : [],
  );
  if (columns.length === 0) return undefined;
  const rows = [...[...baseRows, ...choiceRows].map(ofImported), ...outcomeRows];
  return columnTable(columns, columnName, rows, comparedColumns);
}

function columnName({ training: { role, candidate } }: Column): string {
  return role === "none" || role === candidate ? candidate : `${candidate} (${role})`;
}

type Row = readonly [string, (column: Column) => string];

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** What a file that was trained elsewhere tells of a row; the rest is not known. */
const importedCells: Readonly<Record<string, Row[1]>> = {
  "base model": ({ training: { imported } }) => `imported: ${imported!.file} (${imported!.writtenBy ?? "unknown"})`,
  "parameters of the base": ({ training: { imported } }) => `${(imported!.parameters / 1e6).toFixed(1)} million in all`,
};
const known: ReadonlySet<string> = new Set(["model on this CPU, 1 thread", "input"]);

function ofImported([name, cell]: Row): Row {
  if (known.has(name)) return [name, cell];
  return [name, (column) => (column.training.imported ? (importedCells[name]?.(column) ?? "not known") : cell(column))];
}

const baseRows: readonly Row[] = [
  ["base model", ({ training }) => training.bases.map(({ title }) => title).join(" + ")],
  ["size of the base", ({ training }) => `${(sum(training.bases.map((b) => b.sizeBytes)) / 1e6).toFixed(1)} MB`],
  [
    "parameters of the base",
    ({ training }) => `${(sum(training.bases.map((b) => b.parameters)) / 1e6).toFixed(1)} million`,
  ],
  [
    "ImageNet top-1 (published)",
    ({ training }) => training.bases.map((b) => (b.imagenetTop1 === null ? "-" : percent(b.imagenetTop1))).join(", "),
  ],
  [
    "model on this CPU, 1 thread",
    ({ evaluation }) => {
      const time = evaluation?.inferenceMs;
      return time
        ? `${time.estimate.toFixed(1)} ms (${time.low.toFixed(1)} to ${time.high.toFixed(1)}, ${time.runs} runs)`
        : "not measured";
    },
  ],
];

const choiceRows: readonly Row[] = [
  ["input", ({ training }) => training.preprocessing.map(({ size, resize }) => `${size} px ${resize}`).join(", ")],
  [
    "augmentation",
    ({ training: { choices } }) => (choices.augmentation === null ? "none" : inWords(choices.augmentation)),
  ],
  ["training photos", ({ training }) => String(training.photos.training)],
  [
    "head: epochs (kept)",
    ({ training: { history, choices, bestEpoch } }) => `${history.length} of ${choices.head.epochs} (${bestEpoch})`,
  ],
  ["head: optimizer, rate", ({ training: { choices } }) => `${choices.head.optimizer}, ${choices.head.learningRate}`],
  ["head: dropout, batch", ({ training: { choices } }) => `${choices.head.dropout}, ${choices.head.batchSize}`],
  ["layers un-frozen", ({ training }) => String(training.choices.unfrozenLayers)],
  ["fine-tuning", ({ training }) => fineTuning(training)],
];

function fineTuning(training: Training): string {
  const chosen = training.choices.fineTuning;
  if (!chosen || chosen.epochs === 0) return "none";
  const kept = trainingPhases(training)[1]?.bestEpoch;
  return `${chosen.epochs} epochs, ${chosen.optimizer}, ${chosen.learningRate}${kept === undefined ? "" : ` (${kept})`}`;
}

const outcomeRows: readonly Row[] = [
  [
    "accuracy on the test photos",
    ({ evaluation }) => (evaluation ? withInterval(evaluation.accuracy) : "not evaluated"),
  ],
];

/** Where published accuracies come from. */
export function publishedSources({ models }: Facts): string {
  const sources = models.flatMap(({ training }) =>
    (training?.body.bases ?? []).map(({ imagenetTop1Source }) => imagenetTop1Source),
  );
  return [...new Set(sources)].join("; ");
}
