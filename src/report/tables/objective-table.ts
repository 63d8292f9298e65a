/** The project's objectives against what was measured, a candidate a column. Pure. */
import type { Measurement } from "../../records/measurement.ts";
import type { ReportInput } from "../input.ts";
import { percent } from "../words.ts";
import type { Table } from "./table.ts";

/** A row an objective that was set; undefined where none was. */
export function objectiveTable(input: ReportInput): Table | undefined {
  const { objectives, evaluations, measurements } = input;
  if (!objectives) return undefined;
  const { minAccuracy, maxMeanResponseMs, minAvailability } = objectives;
  const names = [...new Set([...evaluations, ...measurements].map(({ body }) => body.candidate))];
  const row = (label: string, cell: (name: string) => string) => [label, ...names.map(cell)];
  const rows: string[][] = [];
  if (minAccuracy !== null) {
    rows.push(
      row(`test accuracy at least ${percent(minAccuracy)}`, (name) => {
        const accuracy = evaluations.find(({ body }) => body.candidate === name)?.body.accuracy.estimate;
        return verdict(accuracy, (value) => value >= minAccuracy, percent);
      }),
    );
  }
  if (maxMeanResponseMs !== null) {
    rows.push(
      row(`mean response time of a single pod at most ${maxMeanResponseMs} ms`, (name) => {
        const mean = ofShape(measurements, name, "single")[0]?.summary.responseMs?.mean;
        return verdict(
          mean,
          (value) => value <= maxMeanResponseMs,
          (value) => `${value.toFixed(0)} ms`,
        );
      }),
    );
  }
  if (minAvailability !== null) {
    rows.push(
      row(`availability when autoscaled at least ${percent(minAvailability)}`, (name) => {
        const availability = ofShape(measurements, name, "autoscaled")[0]?.summary.availability;
        return verdict(
          availability ?? undefined,
          (value) => value >= minAvailability,
          (value) => percent(value, 2),
        );
      }),
    );
  }
  return rows.length > 0 ? { header: ["objective", ...names], rows, comparedColumns: 0 } : undefined;
}

function ofShape(
  measurements: ReportInput["measurements"],
  candidate: string,
  shape: Measurement["shape"],
): readonly Measurement[] {
  return measurements.map(({ body }) => body).filter((body) => body.candidate === candidate && body.shape === shape);
}

function verdict(
  value: number | undefined,
  isMet: (value: number) => boolean,
  show: (value: number) => string,
): string {
  return value === undefined ? "not measured" : `${show(value)}: ${isMet(value) ? "met" : "not met"}`;
}
