/** Runs side by side: the same figures of each, and what forbids to compare them. Pure. */
import type { RecordHeader } from "../../records/record.ts";
import { costOf } from "../facts/cost.ts";
import { totalsOf } from "../facts/course.ts";
import { type Facts, type Model, shapeOf } from "../facts/facts.ts";
import { compareModels } from "../facts/pairs.ts";
import type { Table } from "../tables/table.ts";
import { mebibytes, percent, points, pValue, withInterval } from "../words.ts";

export interface Run {
  /** As shown: unique among the compared ones. */
  readonly name: string;
  readonly facts: Facts;
}

export interface RunComparison {
  /** Candidates by name: a row a figure, a column a run. */
  readonly tables: readonly { readonly candidate: string; readonly table: Table }[];
  /** The same candidate of two runs on the same photos. */
  readonly paired: readonly string[];
  /** Why figures of these runs are not to be set against each other. */
  readonly warnings: readonly string[];
}

export function compareRuns(runs: readonly Run[]): RunComparison {
  const names = [...new Set(runs.flatMap(({ facts }) => facts.models.map(({ name }) => name)))];
  return {
    tables: names.map((candidate) => ({ candidate, table: candidateTable(runs, candidate) })),
    paired: names.flatMap((candidate) => pairedSentences(runs, candidate)),
    warnings: warningsOf(runs),
  };
}

const modelIn = ({ facts }: Run, candidate: string) => facts.models.find(({ name }) => name === candidate);

type Figure = readonly [label: string, read: (model: Model, facts: Facts) => string | undefined];

const figures: readonly Figure[] = [
  ["base model", ({ training }) => training?.body.bases.map(({ title }) => title).join(" + ")],
  ["accuracy on the test photos", ({ evaluation }) => evaluation && withInterval(evaluation.body.accuracy)],
  [
    "model, 1 thread",
    ({ evaluation }) => {
      const time = evaluation?.body.inferenceMs;
      return time ? `${time.estimate.toFixed(1)} ms` : undefined;
    },
  ],
  ["single pod: mean response time", (model) => meanMs(model, "single")],
  ["single pod: requests a second", (model) => rate(model, "single")],
  ["max-size: replicas Running", (model) => shapeOf(model, "max")?.body.running.toString()],
  ["max-size: mean response time", (model) => meanMs(model, "max")],
  ["max-size: requests a second", (model) => rate(model, "max")],
  [
    "over time: mean response time",
    (model, facts) => course(model, facts, (t) => t.meanMs && `${t.meanMs.toFixed(0)} ms`),
  ],
  [
    "over time: availability",
    (model, facts) => course(model, facts, (t) => (t.availability === null ? null : percent(t.availability, 2))),
  ],
  [
    "over time: memory requested, mean",
    (model, facts) => course(model, facts, (t) => t.resources && mebibytes(t.resources.memoryRequestBytes)),
  ],
  [
    "over time: core-hours requested for a million requests",
    (model, { input }) => {
      const measured = shapeOf(model, "autoscaled");
      return measured && costOf(measured.body, input.prices)?.coreHours.toPrecision(3);
    },
  ],
];

function meanMs(model: Model, shape: "single" | "max"): string | undefined {
  const mean = shapeOf(model, shape)?.body.summary.responseMs?.mean;
  return mean === undefined ? undefined : `${mean.toFixed(0)} ms`;
}

function rate(model: Model, shape: "single" | "max"): string | undefined {
  return shapeOf(model, shape)?.body.summary.transactionRatePerSecond.toFixed(1);
}

function course(
  model: Model,
  { courses }: Facts,
  read: (totals: ReturnType<typeof totalsOf>) => string | null | 0,
): string | undefined {
  const own = courses.find(({ candidate }) => candidate === model.name);
  return (own && read(totalsOf(own))) || undefined;
}

function candidateTable(runs: readonly Run[], candidate: string): Table {
  const columns = runs.map((run) => ({ run, model: modelIn(run, candidate) }));
  const rows = figures
    .map(([label, read]) => [
      label,
      ...columns.map(({ run, model }) => (model ? (read(model, run.facts) ?? "-") : "-")),
    ])
    .filter(([, ...values]) => values.some((value) => value !== "-"));
  return { header: ["", ...runs.map(({ name }) => name)], rows, comparedColumns: runs.length };
}

/** Each run against the first that has the candidate. */
function pairedSentences(runs: readonly Run[], candidate: string): string[] {
  const having = runs.flatMap((run) => {
    const evaluation = modelIn(run, candidate)?.evaluation;
    return evaluation ? [{ run, evaluation: evaluation.body }] : [];
  });
  const [first, ...others] = having;
  if (!first) return [];
  return others.map(({ run, evaluation }) => {
    const compared = compareModels(evaluation, first.evaluation);
    if (!compared) return `${candidate}: ${run.name} and ${first.run.name} were evaluated on different photos.`;
    const { difference, p, verdict } = compared;
    return `${candidate}: ${run.name} against ${first.run.name} on the same photos ${points(difference.estimate)} points (95 % interval ${points(difference.low)} to ${points(difference.high)}; McNemar p ${pValue(p)}): ${verdict}.`;
  });
}

function warningsOf(runs: readonly Run[]): string[] {
  const machines = runs.map(({ facts }) => machineOf(facts));
  const scales = runs.map(({ facts }) => facts.courses.map(({ timeScale }) => timeScale).join(", "));
  const loads = runs.map(({ facts }) =>
    [
      ...new Set(facts.measured.filter(({ body }) => body.shape === "single").map(({ body }) => body.load.description)),
    ].join(),
  );
  const synthetic = runs.map(({ facts }) => String(facts.input.dataset?.body.synthetic ?? ""));
  const differ = (values: readonly string[]) => new Set(values.filter((value) => value !== "")).size > 1;
  return [
    ...(differ(machines) ? ["The runs were measured on different machines: times and rates are not comparable."] : []),
    ...(differ(loads) ? ["The loads on single pods differ: their times and rates are not comparable."] : []),
    ...(differ(scales) ? ["Time was scaled differently: the figures over time are not comparable."] : []),
    ...(differ(synthetic) ? ["Some runs are of synthetic photos and some are not."] : []),
  ];
}

function machineOf({ input }: Facts): string {
  const record: RecordHeader | undefined = input.measurements[0] ?? input.evaluations[0];
  return record ? `${record.machine.cpuCount} x ${record.machine.cpuModel}, ${record.machine.platform}` : "";
}

/** Names by which runs can be told apart: the folder's name, with what lies above it where two are alike. */
export function runNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(/[/\\]/).filter((part) => part !== "" && part !== "."));
  const named = (depth: number) => parts.map((segments) => segments.slice(-depth).join("/"));
  const most = Math.max(1, ...parts.map(({ length }) => length));
  for (let depth = 1; depth <= most; depth++) {
    const names = named(depth);
    if (new Set(names).size === names.length) return names;
  }
  return paths.map((path, i) => `${path} (${i + 1})`);
}
