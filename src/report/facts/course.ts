/**
 * A course: one deployment under a load that changes, over time. Made from a measurement, or from a siege log and a
 * resource_usage.csv that came from elsewhere. Pure.
 */
import type { LoadRow, Measurement, PlatformEvent, ResourceSample } from "../../records/measurement.ts";

/** One run of the load: a minute of the original. */
export interface CourseRow {
  /** Seconds after the beginning, of this machine's time. */
  readonly startSeconds: number;
  readonly elapsedSeconds: number;
  readonly okay: number;
  readonly failed: number;
  readonly ratePerSecond: number;
  /** null where nothing was answered. */
  readonly meanMs: number | null;
  /** null where the source does not say. */
  readonly users: number | null;
  readonly delaySeconds: number | null;
}

export interface Course {
  /** As shown: the candidate, with the deployment where the candidate alone is not enough. */
  readonly name: string;
  readonly candidate: string;
  /** Test accuracy, 0..1, that the user gave with files made without fulcrum. */
  readonly givenAccuracy?: number | undefined;
  readonly startedMs: number;
  /** Scenario minutes a real minute. */
  readonly timeScale: number;
  readonly rows: readonly CourseRow[];
  readonly samples: readonly ResourceSample[];
  readonly events: readonly PlatformEvent[];
  readonly autoscaling: Measurement["autoscaling"];
  /** False where the source has no column for it: ready replicas are then the running ones. */
  readonly hasReady: boolean;
  /** Where its figures lie, for evidence. */
  readonly sources: CourseSources;
}

export interface CourseSources {
  readonly rows: string;
  readonly samples: string;
  readonly events: string;
}

export function courseRowOf({ startSeconds, users, delaySeconds, summary }: LoadRow): CourseRow {
  const { elapsedSeconds, okay, failed, transactionRatePerSecond, responseMs } = summary;
  return {
    startSeconds,
    elapsedSeconds,
    okay,
    failed,
    ratePerSecond: transactionRatePerSecond,
    meanMs: responseMs?.mean ?? null,
    users,
    delaySeconds,
  };
}

/** Minutes of the scenario at a time of the clock. */
export function minuteOf({ startedMs, timeScale }: Course, epochMs: number): number {
  return ((epochMs - startedMs) / 60_000) * timeScale;
}

export function availabilityOf({ okay, failed }: Pick<CourseRow, "okay" | "failed">): number | null {
  return okay + failed === 0 ? null : okay / (okay + failed);
}

/** The recipe in figures, as the original judged it; null where there are no samples (or no answers). */
export interface CourseTotals {
  readonly okay: number;
  readonly failed: number;
  readonly availability: number | null;
  /** Answers a second over the whole course. */
  readonly okayPerSecond: number;
  readonly seconds: number;
  /** Answers a second of the load's runs, without what lies between them. */
  readonly okayPerLoadSecond: number;
  /** Mean response time, weighted by answers. */
  readonly meanMs: number | null;
  readonly resources: CourseResources | null;
}

/** Means over the samples. */
export interface CourseResources {
  readonly cpuRequestCores: number;
  /** Over the samples that know it; null where none does. */
  readonly cpuUseCores: number | null;
  readonly memoryRequestBytes: number;
  readonly memoryUseBytes: number | null;
  readonly firstReady: number;
  readonly mostReady: number;
  readonly lastReady: number;
}

export function totalsOf({ rows, samples }: Pick<Course, "rows" | "samples">): CourseTotals {
  const sum = (value: (row: CourseRow) => number) => rows.reduce((total, row) => total + value(row), 0);
  const okay = sum((row) => row.okay);
  const failed = sum((row) => row.failed);
  const loadSeconds = sum((row) => row.elapsedSeconds);
  const last = rows.at(-1);
  const seconds = last ? last.startSeconds + last.elapsedSeconds - rows[0]!.startSeconds : 0;
  return {
    okay,
    failed,
    availability: availabilityOf({ okay, failed }),
    okayPerSecond: seconds > 0 ? okay / seconds : 0,
    seconds,
    okayPerLoadSecond: loadSeconds > 0 ? okay / loadSeconds : 0,
    meanMs: okay > 0 ? sum((row) => row.okay * (row.meanMs ?? 0)) / okay : null,
    resources: samples.length > 0 ? resourcesOf(samples) : null,
  };
}

function resourcesOf(samples: readonly ResourceSample[]): CourseResources {
  const mean = (value: (sample: ResourceSample) => number) =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
  const meanKnown = (value: (sample: ResourceSample) => number | null) => {
    const known = samples.flatMap((sample) => value(sample) ?? []);
    return known.length > 0 ? known.reduce((sum, use) => sum + use, 0) / known.length : null;
  };
  const ready = samples.map((sample) => sample.readyReplicas);
  return {
    cpuRequestCores: mean((sample) => sample.cpuRequestCores),
    cpuUseCores: meanKnown((sample) => sample.cpuUseCores),
    memoryRequestBytes: mean((sample) => sample.memoryRequestBytes),
    memoryUseBytes: meanKnown((sample) => sample.memoryUseBytes),
    firstReady: ready[0]!,
    mostReady: ready.reduce((most, count) => Math.max(most, count), 0),
    lastReady: ready.at(-1)!,
  };
}

/** The change of running replicas between two samples. */
export interface ScaleStep {
  readonly minute: number;
  readonly from: number;
  readonly to: number;
}

export function scaleSteps(course: Course): ScaleStep[] {
  return course.samples.flatMap((sample, i) => {
    const before = course.samples[i - 1];
    if (!before || before.replicas === sample.replicas) return [];
    return [{ minute: minuteOf(course, sample.epochMs), from: before.replicas, to: sample.replicas }];
  });
}
