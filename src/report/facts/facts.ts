/** What a report is told about: the records of a run, joined by model, and what can be computed from them. Pure. */
import type { Evaluation } from "../../records/evaluation.ts";
import type { Measurement } from "../../records/measurement.ts";
import type { RecordOf } from "../../records/record.ts";
import type { Training } from "../../records/training.ts";
import { colorOf, type Marker, markerOf } from "../figures/figure.ts";
import type { ReportInput } from "../input.ts";
import { type Course, courseRowOf } from "./course.ts";
import { type Comparison, compareModels } from "./pairs.ts";

export type Role = Training["role"];

export interface Model {
  readonly name: string;
  readonly role: Role;
  readonly color: string;
  readonly marker: Marker;
  readonly training: RecordOf<Training> | undefined;
  readonly evaluation: RecordOf<Evaluation> | undefined;
  readonly measurements: readonly Measured[];
}

/** A measurement with the name that it is shown by. */
export interface Measured {
  readonly name: string;
  readonly record: RecordOf<Measurement>;
  readonly body: Measurement;
  /** Path of the record in the run. */
  readonly path: string;
}

export interface Facts {
  readonly input: ReportInput;
  readonly models: readonly Model[];
  readonly measured: readonly Measured[];
  readonly courses: readonly Course[];
}

export const recordPaths = {
  dataset: "dataset/record.json",
  training: (candidate: string) => `train/${candidate}/record.json`,
  evaluation: (candidate: string) => `evaluate/${candidate}/record.json`,
  measurement: ({ deployment, candidate }: Pick<Measurement, "deployment" | "candidate">) =>
    `measure/${deployment}/${candidate}/record.json`,
};

export function factsOf(input: ReportInput): Facts {
  const measured = nameMeasurements(input);
  const names = new Set([
    ...input.trainings.map(({ body }) => body.candidate),
    ...input.evaluations.map(({ body }) => body.candidate),
    ...measured.map(({ body }) => body.candidate),
  ]);
  const models = [...names].map((name, index) => {
    const training = input.trainings.find(({ body }) => body.candidate === name);
    return {
      name,
      role: training?.body.role ?? "none",
      color: colorOf(index),
      marker: markerOf(index),
      training,
      evaluation: input.evaluations.find(({ body }) => body.candidate === name),
      measurements: measured.filter(({ body }) => body.candidate === name),
    };
  });
  const courses = measured.filter(({ body }) => body.shape === "autoscaled").map(courseOf);
  return { input, models, measured, courses: [...courses, ...input.courses] };
}

/** The candidate's name; with the deployment's where a candidate has several of the shape, with the target where these differ. */
function nameMeasurements({ measurements }: ReportInput): Measured[] {
  const targets = new Set(measurements.map(({ body }) => body.target));
  return measurements.map((record) => {
    const { body } = record;
    const alike = measurements.filter((other) => other.body.shape === body.shape);
    const isOnly = alike.filter((other) => other.body.candidate === body.candidate).length === 1;
    const isPlain = body.shape === "autoscaled" || new Set(alike.map((other) => other.body.deployment)).size === 1;
    const details = [...(isOnly && isPlain ? [] : [body.deployment]), ...(targets.size > 1 ? [body.target] : [])];
    const name = details.length > 0 ? `${body.candidate} (${details.join(", ")})` : body.candidate;
    return { name, record, body, path: recordPaths.measurement(body) };
  });
}

function courseOf({ name, body, path }: Measured): Course {
  return {
    name,
    candidate: body.candidate,
    startedMs: Date.parse(body.startedAt),
    timeScale: body.load.timeScale,
    rows: body.rows.map(courseRowOf),
    samples: body.samples,
    events: body.events,
    autoscaling: body.autoscaling,
    hasReady: true,
    sources: { rows: `${path}#/body/rows`, samples: `${path}#/body/samples`, events: `${path}#/body/events` },
  };
}

export function modelOf({ models }: Facts, role: Role): Model | undefined {
  return models.find((model) => model.role === role);
}

export function measuredAs({ measured }: Facts, shape: Measurement["shape"]): Measured[] {
  return measured.filter(({ body }) => body.shape === shape);
}

/** A model's one measurement of a shape: the first, in the project's order. */
export function shapeOf(model: Model | undefined, shape: Measurement["shape"]): Measured | undefined {
  return model?.measurements.find(({ body }) => body.shape === shape);
}

/** Accuracy against latency, and each against the predecessor, where both were evaluated on the same photos. */
export function comparisonsOf(facts: Facts): Comparison[] {
  return pairsOf(facts).flatMap(([first, second]) => {
    const comparison = compareModels(first.body, second.body);
    return comparison ? [comparison] : [];
  });
}

/** Evaluations that the report sets against each other: by role, or all against all where there are no roles. */
export function pairsOf(facts: Facts): (readonly [RecordOf<Evaluation>, RecordOf<Evaluation>])[] {
  const roles = (["accuracy", "latency", "previous"] as const).flatMap((role) => modelOf(facts, role) ?? []);
  const models = roles.length > 1 ? roles : facts.models;
  const evaluations = models.flatMap(({ evaluation }) => evaluation ?? []);
  return evaluations.flatMap((first, i) => evaluations.slice(i + 1).map((second) => [first, second] as const));
}
