/** Reads the records of a run: everything that a report is made of. */
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { readText } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { type Dataset, datasetRecord } from "../records/dataset.ts";
import { type Evaluation, evaluationRecord } from "../records/evaluation.ts";
import { type Measurement, measurementRecord } from "../records/measurement.ts";
import { parseRecord, type RecordKind, type RecordOf } from "../records/record.ts";
import { type Training, trainingRecord } from "../records/training.ts";
import type { Objectives } from "./objectives.ts";

export interface ReportInput {
  readonly name: string;
  readonly dataset: RecordOf<Dataset> | undefined;
  readonly trainings: readonly RecordOf<Training>[];
  readonly evaluations: readonly RecordOf<Evaluation>[];
  readonly measurements: readonly RecordOf<Measurement>[];
  /** What the project file asks for; undefined where the run has no project file. */
  readonly objectives: Objectives | undefined;
  /** The user's own points for the last part. */
  readonly contributions: readonly string[];
}

/** @throws REPORT_NOTHING, RUN_RECORD_INVALID */
export async function gatherReport(runDir: string): Promise<ReportInput> {
  const [dataset] = await readAll(runDir, "dataset", datasetRecord);
  const trainings = await readAll(runDir, "train", trainingRecord);
  const evaluations = await readAll(runDir, "evaluate", evaluationRecord);
  const measurements = await readAll(runDir, "measure", measurementRecord);
  const name = basename(resolve(runDir));
  if (!dataset && trainings.length + evaluations.length + measurements.length === 0) {
    throw new FulcrumError("REPORT_NOTHING", { name });
  }
  const byRole = orderByRole(trainings.map(({ body }) => body));
  return {
    name,
    dataset,
    trainings: trainings.sort(byRole),
    evaluations: evaluations.sort(byRole),
    measurements: measurements.sort(byRole),
    ...(await projectPart(runDir)),
  };
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

const shownRoles = ["accuracy", "latency", "previous", "none"] as const;

/** Accuracy and latency stand side by side in every table, the predecessor after them. */
function orderByRole(trainings: readonly Training[]) {
  const place = (candidate: string) =>
    shownRoles.indexOf(trainings.find((training) => training.candidate === candidate)?.role ?? "none");
  return (a: { body: { candidate: string } }, b: { body: { candidate: string } }) =>
    place(a.body.candidate) - place(b.body.candidate);
}

/** What the report takes from project.json, the project as it was applied. */
const projectShape = z.object({
  objectives: z.object({
    minAccuracy: z.number().nullable(),
    maxMeanResponseMs: z.number().nullable(),
    minAvailability: z.number().nullable(),
  }),
  contributions: z.array(z.string()),
});

async function projectPart(runDir: string): Promise<Pick<ReportInput, "objectives" | "contributions">> {
  const path = join(runDir, "project.json");
  if (!(await readdir(runDir)).includes(basename(path))) return { objectives: undefined, contributions: [] };
  const read = projectShape.safeParse(asJson(await readText(path)));
  if (read.success) return read.data;
  throw new FulcrumError("RUN_RECORD_INVALID", { path, kind: "project", problem: z.prettifyError(read.error) });
}

/** undefined where the text is no JSON. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
