/** When the load rose, when replicas followed, and what happened in between. Pure. */
import { availabilityOf, type Course, type CourseRow, minuteOf } from "./course.ts";

export interface Surge {
  /** Minute of the scenario in which the load rose most. */
  readonly minute: number;
  readonly rateBefore: number;
  readonly rateAfter: number;
  /** Minute at which more replicas than before were ready; undefined where that never came. */
  readonly readyMinute: number | undefined;
  readonly replicasBefore: number;
}

const startMinute = (course: Course, row: CourseRow) => (row.startSeconds / 60) * course.timeScale;
const sent = ({ okay, failed }: CourseRow) => okay + failed;

/** The largest rise of requests from one run of the load to the next; undefined where none is by half or more. */
export function surgeOf(course: Course): Surge | undefined {
  const rises = course.rows.slice(1).map((row, i) => ({ row, before: course.rows[i]! }));
  const steepest = rises.toSorted((a, b) => sent(b.row) - sent(b.before) - (sent(a.row) - sent(a.before)))[0];
  if (!steepest || sent(steepest.row) < 1.5 * Math.max(1, sent(steepest.before))) return undefined;
  const minute = startMinute(course, steepest.row);
  const timed = course.samples.map((sample) => ({ minute: minuteOf(course, sample.epochMs), sample }));
  const replicasBefore = timed.findLast((one) => one.minute <= minute)?.sample.readyReplicas ?? 0;
  const ready = timed.find((one) => one.minute > minute && one.sample.readyReplicas > replicasBefore);
  return {
    minute,
    rateBefore: steepest.before.ratePerSecond,
    rateAfter: steepest.row.ratePerSecond,
    readyMinute: ready?.minute,
    replicasBefore,
  };
}

/** Seconds of the scenario from the rise to more ready replicas. */
export function secondsToReady({ minute, readyMinute }: Surge): number | undefined {
  return readyMinute === undefined ? undefined : (readyMinute - minute) * 60;
}

/** Runs of the load in which requests failed, by their first minute. */
export interface Dip {
  readonly minute: number;
  readonly availability: number;
  readonly failed: number;
  /** Ready replicas at the beginning of the run and one run later. */
  readonly readyThen: number;
  readonly readyAfter: number;
}

export function dipsOf(course: Course): Dip[] {
  return course.rows.flatMap((row, i) => {
    const availability = availabilityOf(row);
    if (availability === null || row.failed === 0) return [];
    const minute = startMinute(course, row);
    const next = course.rows[i + 1];
    const readyAt = (at: number) =>
      course.samples.findLast((sample) => minuteOf(course, sample.epochMs) <= at)?.readyReplicas ?? 0;
    const end = next ? startMinute(course, next) : minute + 1;
    return [{ minute, availability, failed: row.failed, readyThen: readyAt(minute), readyAfter: readyAt(end + 1) }];
  });
}
