/** What happened over time: load, replicas, availability and resources of one autoscaled model. */
import type { ResourceSample } from "../../records/measurement.ts";
import type { Course, CourseResources } from "../facts/course.ts";
import { scaleSteps, totalsOf } from "../facts/course.ts";
import type { Facts } from "../facts/facts.ts";
import { dipsOf, secondsToReady, surgeOf } from "../facts/surge.ts";
import { mebibytes, percent } from "../words.ts";
import { defineRule, type Finding, type Rule } from "./rule.ts";

const each = ({ courses }: Facts) => courses;
const minute = (value: number) => `minute ${Math.floor(value)}`;

/** A rule about a course's own slide. */
function courseRule(id: string, when: string, fire: (course: Course) => Finding | undefined): Rule {
  return defineRule({ id: `course/${id}`, topic: "course", when, subjects: each, fire, courseOf: ({ name }) => name });
}

/** A rule about a course's resources; silent where none were sampled. */
function resourceRule(
  id: string,
  when: string,
  fire: (resources: CourseResources, course: Course) => string | undefined,
): Rule {
  return courseRule(id, when, (course) => {
    const { resources } = totalsOf(course);
    const text = resources ? fire(resources, course) : undefined;
    return text === undefined ? undefined : { text, evidence: [course.sources.samples] };
  });
}

/** A rule about the share of samples in which CPU use was such; samples that do not know it do not count. */
function useRule(
  id: string,
  when: string,
  isSuch: (cores: number, sample: ResourceSample) => boolean,
  words: (share: string) => string,
): Rule {
  return courseRule(id, when, (course) => {
    const known = course.samples.filter(({ cpuUseCores }) => cpuUseCores !== null);
    const such = known.filter((sample) => isSuch(sample.cpuUseCores!, sample)).length;
    if (such === 0) return undefined;
    const unknown = course.samples.length - known.length;
    const share = `${percent(such / known.length, 0)} of the ${unknown > 0 ? `${known.length} samples that know it` : "samples"}`;
    return { text: words(share), evidence: [course.sources.samples] };
  });
}

const scaleRules: readonly Rule[] = [
  courseRule("surge", "requests rose by half or more from one run of the load to the next", (course) => {
    const surge = surgeOf(course);
    if (!surge) return undefined;
    return {
      text: `The load rises most at ${minute(surge.minute)}: from ${surge.rateBefore.toFixed(1)} to ${surge.rateAfter.toFixed(1)} requests a second.`,
      evidence: [course.sources.rows],
    };
  }),
  courseRule("ready-after-surge", "more replicas became ready after the load rose", (course) => {
    const surge = surgeOf(course);
    const seconds = surge && secondsToReady(surge);
    if (!surge || seconds === undefined) return undefined;
    const real = course.timeScale === 1 ? "" : ` (${(seconds / course.timeScale).toFixed(1)} s of this machine)`;
    return {
      text: `More replicas than the ${surge.replicasBefore} of then were ready ${seconds.toFixed(0)} s of the scenario after the load rose${real}.`,
      evidence: [course.sources.rows, course.sources.samples],
    };
  }),
  courseRule("not-scaled", "the load rose and the number of replicas never changed", (course) => {
    const isStill = course.samples.length > 0 && scaleSteps(course).length === 0;
    return isStill && surgeOf(course)
      ? {
          text: `The load rose and the replicas stayed at ${course.samples[0]!.replicas}: use did not cross the target, or the most allowed was reached from the start.`,
          evidence: [course.sources.rows, course.sources.samples],
        }
      : undefined;
  }),
  resourceRule("returned", "more replicas than at the start ran, and as few as at the start ran at the end", (r) =>
    r.mostReady > r.firstReady && r.lastReady <= r.firstReady
      ? `Replicas went from ${r.firstReady} to ${r.mostReady} and came back to ${r.lastReady} when the load was over.`
      : undefined,
  ),
  resourceRule("not-returned", "more replicas ran at the end than at the start", (r) =>
    r.lastReady > r.firstReady
      ? `${r.lastReady} replicas still ran at the end, ${r.firstReady} at the start: what is scaled up stays paid for until the stabilization window is over.`
      : undefined,
  ),
  courseRule("at-most", "the most replicas allowed, more than the fewest, were ready", (course) => {
    const { minReplicas = 0, maxReplicas: most = 0 } = course.autoscaling ?? {};
    const share = course.samples.filter(({ readyReplicas }) => readyReplicas === most).length / course.samples.length;
    return most > minReplicas && share > 0
      ? {
          text: `The most replicas allowed, ${most}, were ready in ${percent(share, 0)} of the samples.`,
          evidence: [course.sources.samples],
        }
      : undefined;
  }),
  courseRule("restless", "the direction of scaling changed over 3 times", (course) => {
    const steps = scaleSteps(course);
    const turns = steps.filter((step, i) => {
      const before = steps[i - 1];
      return before && step.to > step.from !== before.to > before.from;
    }).length;
    return turns > 3
      ? {
          text: `Scaling turned ${turns} times between up and down; a longer stabilization window would calm it.`,
          evidence: [course.sources.samples],
        }
      : undefined;
  }),
];

const answerRules: readonly Rule[] = [
  courseRule("dip-before-ready", "requests failed in a run after which more replicas were ready", (course) => {
    const dip = dipsOf(course).find(({ readyThen, readyAfter }) => readyAfter > readyThen);
    if (!dip) return undefined;
    const seconds = surgeOf(course) && secondsToReady(surgeOf(course)!);
    const late =
      seconds === undefined
        ? ""
        : `; replicas were ready only ${seconds.toFixed(0)} s of the scenario after the load rose`;
    return {
      text: `Availability dips to ${percent(dip.availability, 1)} at ${minute(dip.minute)} (${dip.failed} failed), while ${dip.readyThen} replicas were ready and ${dip.readyAfter} soon after${late}.`,
      evidence: [course.sources.rows, course.sources.samples],
    };
  }),
  courseRule("dip-steady", "requests failed in a run without more replicas after it", (course) => {
    const dips = dipsOf(course).filter(({ readyThen, readyAfter }) => readyAfter <= readyThen);
    const worst = dips.toSorted((a, b) => a.availability - b.availability)[0];
    return worst
      ? {
          text: `Requests also failed while no replica was being added: in ${dips.length} ${dips.length === 1 ? "run" : "runs"} of the load, worst at ${minute(worst.minute)} (${percent(worst.availability, 1)}).`,
          evidence: [course.sources.rows, course.sources.samples],
        }
      : undefined;
  }),
  courseRule("always-available", "every request was answered", (course) => {
    const { failed, okay } = totalsOf(course);
    return failed === 0 && okay > 0
      ? { text: `All ${okay} requests were answered: availability 100 %.`, evidence: [course.sources.rows] }
      : undefined;
  }),
  courseRule("slower-under-load", "the slowest run answers in over twice the time of the fastest", (course) => {
    const runs = course.rows
      .flatMap(({ startSeconds, meanMs }) => (meanMs === null ? [] : [{ startSeconds, meanMs }]))
      .toSorted((a, b) => a.meanMs - b.meanMs);
    const [fast, slow] = [runs[0], runs.at(-1)];
    return fast && slow && slow.meanMs > 2 * fast.meanMs
      ? {
          text: `Mean response time moves between ${fast.meanMs.toFixed(0)} ms and ${slow.meanMs.toFixed(0)} ms (${minute((slow.startSeconds / 60) * course.timeScale)}).`,
          evidence: [course.sources.rows],
        }
      : undefined;
  }),
  courseRule("crashed", "replicas crashed", (course) => {
    const crashes = course.events.filter(({ kind }) => kind === "crashed").length;
    return crashes > 0
      ? {
          text: `Replicas crashed ${crashes} ${crashes === 1 ? "time" : "times"} during the load.`,
          evidence: [course.sources.events],
        }
      : undefined;
  }),
  courseRule("time-scaled", "time was scaled", (course) =>
    course.timeScale !== 1
      ? {
          text: `Time was scaled by ${course.timeScale}: minutes and the autoscaler's periods are shorter, users, delays and the start of a replica are not, so replicas are late by more than they would be at full length.`,
          evidence: [course.sources.rows],
        }
      : undefined,
  ),
];

const resourceRules: readonly Rule[] = [
  resourceRule("judged", "resources were sampled", (r, course) => {
    const { okayPerSecond, meanMs, availability } = totalsOf(course);
    const time = meanMs === null ? "" : `, in ${meanMs.toFixed(0)} ms weighted by answers`;
    return `The recipe in figures: ${mebibytes(r.memoryRequestBytes)} requested and ${r.memoryUseBytes === null ? "an unknown amount" : mebibytes(r.memoryUseBytes)} used on average, ${okayPerSecond.toFixed(1)} requests answered a second${time}${availability === null ? "" : `, availability ${percent(availability, 2)}`}.`;
  }),
  courseRule("unsampled", "there are no resource samples", (course) =>
    course.samples.length === 0
      ? {
          text: "Resources and replicas were not sampled, so these panels are missing.",
          evidence: [course.sources.rows],
        }
      : undefined,
  ),
  resourceRule("cpu-idle", "less than 30 % of the requested CPU was used on average", (r) =>
    r.cpuUseCores !== null && r.cpuUseCores < 0.3 * r.cpuRequestCores
      ? `Of ${r.cpuRequestCores.toFixed(2)} cores requested on average ${r.cpuUseCores.toFixed(2)} were used (${percent(r.cpuUseCores / r.cpuRequestCores, 0)}); the rest is paid for and idle.`
      : undefined,
  ),
  resourceRule("memory-idle", "less than half of the requested memory was used on average", (r) =>
    r.memoryUseBytes !== null && r.memoryUseBytes < 0.5 * r.memoryRequestBytes
      ? `Memory requests are ${(r.memoryRequestBytes / r.memoryUseBytes).toFixed(1)} times what is used: they can come down.`
      : undefined,
  ),
  useRule(
    "cpu-at-limit",
    "CPU use reached 90 % of the limit",
    (use, { cpuLimitCores }) => cpuLimitCores > 0 && use >= 0.9 * cpuLimitCores,
    (share) => `CPU was at its limit in ${share}: there the limit, not the model, set the response time.`,
  ),
  useRule(
    "over-request",
    "CPU use went over the requests",
    (use, { cpuRequestCores }) => cpuRequestCores > 0 && use > cpuRequestCores,
    (share) => `Pods used more CPU than they had requested in ${share}: room that another pod could have claimed.`,
  ),
];

export const courseRules: readonly Rule[] = [...scaleRules, ...answerRules, ...resourceRules];
