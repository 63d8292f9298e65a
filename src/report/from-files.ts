/** Bring your own measurements: siege logs and resource CSVs in the original's formats, made without fulcrum. */
import { basename, dirname } from "node:path";
import { readText } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { parseSiegeRows, type SiegeRow } from "../load/siege-format.ts";
import { parseResourceUsageCsv } from "../monitor/resource-csv.ts";
import type { ResourceSample } from "../records/measurement.ts";
import type { Course, CourseRow } from "./facts/course.ts";
import type { ReportInput } from "./input.ts";

/** One model's files: "latency=a/load_output.csv,a/resource_usage.csv", or without a name. */
export interface NamedFiles {
  readonly name: string;
  readonly paths: readonly string[];
}

/** @throws REPORT_FILES_UNCLEAR where no file is named, or two models have the same name */
export function parseNamedFiles(values: readonly string[]): NamedFiles[] {
  const parsed = values.map((value) => {
    const match = /^([^=,/\\]+)=(.*)$/s.exec(value);
    const paths = (match ? match[2]! : value)
      .split(",")
      .map((path) => path.trim())
      .filter((path) => path !== "");
    if (paths.length === 0) throw new FulcrumError("REPORT_FILES_UNCLEAR", { value, problem: "it names no file" });
    return { name: match ? match[1]!.trim() : nameAfter(paths[0]!), paths };
  });
  const names = parsed.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new FulcrumError("REPORT_FILES_UNCLEAR", { value: twice, problem: "two models have this name" });
  }
  return parsed;
}

/** The folder of the file where it has one, else the file's name without its ending. */
function nameAfter(path: string): string {
  const folder = basename(dirname(path));
  return folder !== "" && folder !== "." ? folder : basename(path).replace(/\.\w+$/, "");
}

/**
 * "latency=0.9005" of --accuracy: the test accuracy of a model of --from, 0..1.
 * @throws CLI_BAD_VALUE
 */
export function parseAccuracies(values: readonly string[], models: readonly NamedFiles[]): Map<string, number> {
  const names = models.map(({ name }) => name);
  const found = new Map<string, number>();
  for (const value of values) {
    const [, name = "", share = ""] = /^([^=]*)=\s*(\d*\.?\d+)\s*$/.exec(value) ?? [];
    const isClear = names.includes(name.trim()) && share !== "" && Number(share) <= 1 && !found.has(name.trim());
    if (!isClear) {
      const allowed = `NAME=SHARE, the share from 0 to 1, once for a model of --from: ${names.join(", ")}`;
      throw new FulcrumError("CLI_BAD_VALUE", { flag: "--accuracy", value: JSON.stringify(value), allowed });
    }
    found.set(name.trim(), Number(share));
  }
  return found;
}

/**
 * @param accuracies test accuracies by model, 0..1, as the user gives them
 * @throws FILE_UNREADABLE, LOAD_FILE_INVALID, REPORT_FILES_UNCLEAR
 */
export async function readCourses(
  models: readonly NamedFiles[],
  accuracies: ReadonlyMap<string, number> = new Map(),
): Promise<ReportInput> {
  const read = await Promise.all(models.map(readCourse));
  const courses = read.map((course) => ({ ...course, givenAccuracy: accuracies.get(course.name) }));
  return {
    name: models.map(({ name }) => name).join(", "),
    dataset: undefined,
    trainings: [],
    evaluations: [],
    measurements: [],
    courses,
    latencies: new Map(),
    thumbnails: [],
    thumbnailsMissing: null,
    objectives: undefined,
    prices: null,
    contributions: [],
  };
}

async function readCourse({ name, paths }: NamedFiles): Promise<Course> {
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await readText(path) })));
  const isUsage = ({ text }: { text: string }) => /^\uFEFF?time,/.test(text);
  const loads = files.filter((file) => !isUsage(file));
  const usages = files.filter(isUsage);
  const value = paths.join(",");
  if (loads.length === 0) {
    throw new FulcrumError("REPORT_FILES_UNCLEAR", { value, problem: `${name} has no siege log or load_output.csv` });
  }
  if (usages.length > 1) {
    throw new FulcrumError("REPORT_FILES_UNCLEAR", { value, problem: `${name} has more than one resource_usage.csv` });
  }
  const rows = loads.flatMap(({ text, path }) => parseSiegeRows(text, path)).sort((a, b) => a.epochMs - b.epochMs);
  if (rows.length === 0) throw new FulcrumError("REPORT_FILES_UNCLEAR", { value, problem: `${name} has no runs` });
  const usage = usages[0];
  const samples = usage ? parseResourceUsageCsv(usage.text.replace(/^\uFEFF/, ""), usage.path).samples : [];
  return courseOfFiles(name, rows, samples, { rows: loads.map(({ path }) => path).join(", "), samples: usage?.path });
}

/** Pure. Begins with the first run of the load; a row of siege's log has the time at which its run ended. */
export function courseOfFiles(
  name: string,
  rows: readonly SiegeRow[],
  samples: readonly ResourceSample[],
  sources: { readonly rows: string; readonly samples: string | undefined },
): Course {
  const startedMs = rows[0]!.epochMs - rows[0]!.elapsedSeconds * 1000;
  return {
    name,
    candidate: name,
    startedMs,
    timeScale: 1,
    rows: rows.map((row) => courseRow(row, startedMs)),
    samples: samples.filter(({ epochMs }) => epochMs >= startedMs - 5000),
    events: [],
    autoscaling: null,
    hasReady: false,
    sources: { rows: sources.rows, samples: sources.samples ?? sources.rows, events: sources.rows },
  };
}

function courseRow(row: SiegeRow, startedMs: number): CourseRow {
  return {
    startSeconds: (row.epochMs - startedMs) / 1000 - row.elapsedSeconds,
    elapsedSeconds: row.elapsedSeconds,
    okay: row.okay,
    failed: row.failed,
    ratePerSecond: row.ratePerSecond,
    meanMs: meanMs(row),
    users: null,
    delaySeconds: null,
  };
}

/**
 * Mean response time: siege prints two decimals of a second, and Concurrent / Trans Rate is the same mean; whichever
 * has the smaller error of rounding is taken. null where there was no answer.
 */
export function meanMs({ responseSeconds, ratePerSecond, concurrency }: SiegeRow): number | null {
  if (!Number.isFinite(responseSeconds)) return null;
  const rounding = 0.005;
  if (ratePerSecond <= 0 || concurrency <= 0) return 1000 * responseSeconds;
  const direct = responseSeconds > 0 ? rounding / responseSeconds : Number.POSITIVE_INFINITY;
  const derived = rounding / concurrency + rounding / ratePerSecond;
  return 1000 * (derived < direct ? concurrency / ratePerSecond : responseSeconds);
}
