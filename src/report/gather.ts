/** Reads the records of a run and what lies beside them: everything that a report is made of. */
import { access, readdir } from "node:fs/promises";
import { basename, dirname, join, posix, resolve, sep } from "node:path";
import { z } from "zod";
import { readText } from "../base/files.ts";
import { prices } from "../config/report.ts";
import { FulcrumError } from "../errors/index.ts";
import { verdictOf } from "../load/hit.ts";
import { readHitLog } from "../load/hit-log.ts";
import { datasetRecord } from "../records/dataset.ts";
import { evaluationRecord } from "../records/evaluation.ts";
import { type Measurement, measurementRecord } from "../records/measurement.ts";
import { parseRecord, type RecordKind, type RecordOf } from "../records/record.ts";
import { type Training, trainingRecord } from "../records/training.ts";
import { recordPaths } from "./facts/facts.ts";
import { type Latencies, latenciesOf } from "./facts/latencies.ts";
import type { ReportInput } from "./input.ts";
import { gatherThumbnails } from "./thumbnails.ts";

export interface GatherOptions {
  /** Consent to show real photos, besides that of the project file. */
  readonly photos?: boolean;
  /**
   * Ids of the project's tasks; records of others are left from an earlier project. Where not given they are those of the
   * run's project.json, and every record where there is none.
   */
  readonly tasks?: readonly string[];
}

/** @throws REPORT_NOTHING, RUN_RECORD_INVALID */
export async function gatherReport(
  runDir: string,
  { photos = false, tasks }: GatherOptions = {},
): Promise<ReportInput> {
  const { consent, tasks: tasksThen, ...project } = await projectPart(runDir);
  const wanted = tasks ?? tasksThen;
  const [dataset] = await readAll(runDir, "dataset", datasetRecord, wanted);
  const trainings = await readAll(runDir, "train", trainingRecord, wanted);
  const evaluations = await readAll(runDir, "evaluate", evaluationRecord, wanted);
  const measurements = await readAll(runDir, "measure", measurementRecord, wanted);
  const name = basename(resolve(runDir));
  if (!dataset && trainings.length + evaluations.length + measurements.length === 0) {
    throw new FulcrumError("REPORT_NOTHING", { name });
  }
  const byRole = orderByRole(trainings.map(({ body }) => body));
  const thumbnails = await gatherThumbnails({ dataset, evaluations, consent: photos || consent });
  return {
    name,
    dataset,
    trainings: trainings.sort(byRole),
    evaluations: evaluations.sort(byRole),
    measurements: measurements.sort(byRole),
    courses: [],
    latencies: await readLatencies(runDir, measurements),
    ...thumbnails,
    ...project,
  };
}

/** @param tasks the records of these only; undefined: of all */
async function readAll<Body>(
  runDir: string,
  folder: string,
  kind: RecordKind<Body>,
  tasks: readonly string[] | undefined,
): Promise<RecordOf<Body>[]> {
  const files = await readdir(join(runDir, folder), { recursive: true }).catch(() => []);
  const taskOf = (file: string) => posix.join(folder, dirname(file).replaceAll(sep, "/"));
  const paths = files
    .filter((file) => basename(file) === "record.json" && (tasks?.includes(taskOf(file)) ?? true))
    .sort();
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

/** Response times of answered requests; a measurement without its hits is left out. */
async function readLatencies(
  runDir: string,
  measurements: readonly RecordOf<Measurement>[],
): Promise<Map<string, Latencies>> {
  const found = new Map<string, Latencies>();
  for (const { body } of measurements) {
    const record = recordPaths.measurement(body);
    const hits = body.files.hits && join(runDir, dirname(record), body.files.hits);
    if (!hits || !(await isThere(hits))) continue;
    const latencies = latenciesOf(await responseTimes(hits));
    if (latencies) found.set(record, latencies);
  }
  return found;
}

async function responseTimes(hitsPath: string): Promise<number[]> {
  const times: number[] = [];
  for await (const line of readHitLog(hitsPath)) {
    if (line.type === "hit" && line.sentMs !== null && verdictOf(line) === "okay") {
      times.push(line.finishedMs - line.sentMs);
    }
  }
  return times;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What the report takes from project.json, the project as it was applied. */
const projectShape = z.object({
  objectives: z.object({
    minAccuracy: z.number().nullable(),
    maxMeanResponseMs: z.number().nullable(),
    minAvailability: z.number().nullable(),
  }),
  report: z.object({ photos: z.boolean(), prices: prices.nullable() }).default({ photos: false, prices: null }),
  contributions: z.array(z.string()),
  candidates: z.array(z.object({ name: z.string() })).optional(),
  deployments: z.array(z.object({ name: z.string(), candidates: z.array(z.string()) })).optional(),
});

/** Ids of the project's tasks whose records a report reads; undefined where the file does not name them. */
function tasksOf({ candidates, deployments }: z.output<typeof projectShape>): string[] | undefined {
  if (!candidates || !deployments) return undefined;
  const records = [
    recordPaths.dataset,
    ...candidates.flatMap(({ name }) => [recordPaths.training(name), recordPaths.evaluation(name)]),
    ...deployments.flatMap(({ name: deployment, candidates: deployed }) =>
      deployed.map((candidate) => recordPaths.measurement({ deployment, candidate })),
    ),
  ];
  return records.map((path) => posix.dirname(path));
}

interface ProjectPart extends Pick<ReportInput, "objectives" | "prices" | "contributions"> {
  readonly consent: boolean;
  readonly tasks: readonly string[] | undefined;
}

async function projectPart(runDir: string): Promise<ProjectPart> {
  const path = join(runDir, "project.json");
  if (!(await isThere(path))) {
    return { objectives: undefined, prices: null, contributions: [], consent: false, tasks: undefined };
  }
  const read = projectShape.safeParse(asJson(await readText(path)));
  if (!read.success) {
    throw new FulcrumError("RUN_RECORD_INVALID", { path, kind: "project", problem: z.prettifyError(read.error) });
  }
  const { objectives, report, contributions } = read.data;
  return { objectives, prices: report.prices, contributions, consent: report.photos, tasks: tasksOf(read.data) };
}

/** undefined where the text is no JSON. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
