/** Reads the records of a run: everything that a report is made of. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { readText } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { type Dataset, datasetRecord } from "../records/dataset.ts";
import { type Evaluation, evaluationRecord } from "../records/evaluation.ts";
import { type Measurement, measurementRecord } from "../records/measurement.ts";
import { parseRecord, type RecordKind, type RecordOf } from "../records/record.ts";
import { type Training, trainingRecord } from "../records/training.ts";

export interface ReportInput {
  readonly name: string;
  readonly dataset: RecordOf<Dataset> | undefined;
  readonly trainings: readonly RecordOf<Training>[];
  readonly evaluations: readonly RecordOf<Evaluation>[];
  readonly measurements: readonly RecordOf<Measurement>[];
  /** The user's own points for the last part. */
  readonly contributions: readonly string[];
}

/** @throws REPORT_NOTHING, RUN_RECORD_INVALID */
export async function gatherReport(runDir: string): Promise<ReportInput> {
  const [dataset] = await readAll(runDir, "dataset", datasetRecord);
  const trainings = await readAll(runDir, "train", trainingRecord);
  const evaluations = await readAll(runDir, "evaluate", evaluationRecord);
  const measurements = await readAll(runDir, "measure", measurementRecord);
  const name = basename(runDir);
  if (!dataset && trainings.length + evaluations.length + measurements.length === 0) {
    throw new FulcrumError("REPORT_NOTHING", { name });
  }
  return { name, dataset, trainings, evaluations, measurements, contributions: await ownPoints(runDir) };
}

async function readAll<Body>(runDir: string, folder: string, kind: RecordKind<Body>): Promise<RecordOf<Body>[]> {
  const files = await readdir(join(runDir, folder), { recursive: true }).catch(() => []);
  const paths = files.filter((file) => basename(file) === "record.json").sort();
  return Promise.all(
    paths.map(async (file) => {
      const path = join(runDir, folder, file);
      return parseRecord(kind, await readText(path), path);
    }),
  );
}

async function ownPoints(runDir: string): Promise<string[]> {
  const text = await readText(join(runDir, "project.json")).catch(() => "{}");
  const { contributions } = JSON.parse(text) as { contributions?: string[] };
  return contributions ?? [];
}
