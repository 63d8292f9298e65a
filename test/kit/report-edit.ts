/** Made-up runs with something changed: what a rule is tried on. */
import type { Evaluation } from "../../src/records/evaluation.ts";
import type { Measurement, ResourceSample } from "../../src/records/measurement.ts";
import type { Training } from "../../src/records/training.ts";
import type { ReportInput } from "../../src/report/index.ts";
import { madeUpRun } from "./report-records.ts";

export type Mutable<T> = T extends ReadonlyMap<unknown, unknown> | Uint8Array
  ? T
  : { -readonly [Key in keyof T]: Mutable<T[Key]> };
export type EditableRun = Mutable<ReportInput>;
export type Edit = (run: EditableRun) => void;

export const asItIs: Edit = () => {};

const original = madeUpRun();

export function edited(edit: Edit): ReportInput {
  const run = structuredClone(original) as EditableRun;
  edit(run);
  return run;
}

export const trainingOf = (run: EditableRun, name: string): Mutable<Training> =>
  run.trainings.find(({ body }) => body.candidate === name)!.body;
export const evaluationOf = (run: EditableRun, name: string): Mutable<Evaluation> =>
  run.evaluations.find(({ body }) => body.candidate === name)!.body;
export function measurementOf(run: EditableRun, shape: Measurement["shape"], name: string): Mutable<Measurement> {
  return run.measurements.find(({ body }) => body.shape === shape && body.candidate === name)!.body;
}
export const everyMeasurement = (run: EditableRun, shape: Measurement["shape"]): Mutable<Measurement>[] =>
  run.measurements.map(({ body }) => body).filter((body) => body.shape === shape);

/** Two samples of one replica: the second is of the time under load. */
export function samplesUsing(cpuUseCores: number, memoryUseBytes = 2 ** 30): Mutable<ResourceSample>[] {
  const sample = {
    epochMs: Date.parse("2026-03-01T10:00:00.000Z"),
    replicas: 1,
    readyReplicas: 1,
    cpuRequestCores: 1,
    memoryRequestBytes: 2 ** 31,
    cpuLimitCores: 1.5,
    memoryLimitBytes: 2 ** 32,
    cpuUseCores,
    memoryUseBytes,
  };
  return [sample, { ...sample, epochMs: sample.epochMs + 5000 }];
}

/** Predictions by which the first so many photos are right, with one confidence for all. */
export function setRight(body: Mutable<Evaluation>, right: number, confidence: number): void {
  body.predictions.forEach((prediction, i) => {
    prediction.predicted = i < right ? prediction.label : (prediction.label + 1) % body.classes.length;
    prediction.confidence = confidence;
  });
  const share = right / body.predictions.length;
  body.correct = right;
  body.accuracy = { ...body.accuracy, estimate: share, low: share - 0.02, high: share + 0.02 };
}
