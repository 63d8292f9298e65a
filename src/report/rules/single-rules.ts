/** A single pod under load: how fast, and what the bottleneck was. */
import { isAtLimit, isHostFull, type Usage, usageOf, waitingFactor } from "../facts/bottleneck.ts";
import { type Facts, type Measured, measuredAs, modelOf, type Role, recordPaths, shapeOf } from "../facts/facts.ts";
import { mebibytes, percent } from "../words.ts";
import { defineRule, type Finding, type Rule } from "./rule.ts";

const each = (facts: Facts) => measuredAs(facts, "single");
const answered = (facts: Facts) => each(facts).filter(({ body }) => body.summary.responseMs !== null);
const at = ({ path }: Measured, ...pointers: string[]) => pointers.map((pointer) => `${path}#/body/${pointer}`);
const meanMs = ({ body }: Measured) => body.summary.responseMs!.mean;

function ratioRule(id: string, other: Role): Rule {
  return defineRule({
    id,
    topic: "single",
    when: `a single pod of the latency model answers faster than one of the ${other} model`,
    subjects: (facts) => {
      const [fast, slow] = [shapeOf(modelOf(facts, "latency"), "single"), shapeOf(modelOf(facts, other), "single")];
      const isKnown = fast?.body.summary.responseMs && slow?.body.summary.responseMs;
      return isKnown ? [{ fast, slow }] : [];
    },
    fire: ({ fast, slow }) =>
      meanMs(fast) < meanMs(slow)
        ? {
            text: `Under ${fast.body.load.description} a single pod of ${fast.name} answers in ${meanMs(fast).toFixed(0)} ms on average, ${(meanMs(slow) / meanMs(fast)).toFixed(1)} times as fast as ${slow.name} (${meanMs(slow).toFixed(0)} ms); one run each.`,
            evidence: [...at(fast, "summary/responseMs/mean"), ...at(slow, "summary/responseMs/mean")],
          }
        : undefined,
  });
}

const withUsage = (facts: Facts) =>
  each(facts).flatMap((measured) => {
    const usage = usageOf(measured);
    return usage ? [{ measured, usage }] : [];
  });

const withWaiting = (facts: Facts) =>
  answered(facts).flatMap((measured) => {
    const evaluation = facts.models.find(({ name }) => name === measured.body.candidate)?.evaluation?.body;
    const factor = waitingFactor(measured.body, evaluation);
    return factor === undefined ? [] : [{ measured, factor, model: evaluation!.inferenceMs!.estimate }];
  });

function waitingEvidence(measured: Measured): string[] {
  return [
    ...at(measured, "summary/responseMs/mean", "summary/concurrency"),
    `${recordPaths.evaluation(measured.body.candidate)}#/body/inferenceMs`,
  ];
}

const cores = (value: number) => value.toFixed(2);

const bottleneckRules: readonly Rule[] = [
  defineRule({
    id: "single/cpu-at-limit",
    topic: "single",
    when: "the pod used 90 % or more of its CPU limit, which is below what machine or cluster has",
    subjects: withUsage,
    fire: ({ measured, usage }) =>
      isAtLimit(usage)
        ? {
            text: `${measured.name}: the bottleneck is the CPU limit; ${cores(usage.cpuCores)} of ${cores(usage.limitCores)} cores were in use.`,
            evidence: at(measured, "samples", "pod/limits/cpuMillis"),
          }
        : undefined,
  }),
  defineRule({
    id: "single/machine-full",
    topic: "single",
    when: "the limit is not below what machine or cluster has, and 70 % or more of that was in use by the pod",
    subjects: withUsage,
    fire: ({ measured, usage }) =>
      isHostFull(usage)
        ? {
            text: `${measured.name}: the bottleneck is ${fullHost(measured, usage)}, so the limit of ${cores(usage.limitCores)} cores was never the bound.`,
            evidence: at(measured, "samples", "pod/limits/cpuMillis"),
          }
        : undefined,
  }),
  defineRule({
    id: "single/cpu-idle",
    topic: "single",
    when: "less than half of the CPU that the pod and what it runs on allow was in use",
    subjects: withUsage,
    fire: ({ measured, usage }) => idleFinding(measured, usage),
  }),
  defineRule({
    id: "single/queue",
    topic: "single",
    when: "answers take over three times the model's own time",
    subjects: withWaiting,
    fire: ({ measured, factor, model }) =>
      factor > 3
        ? {
            text: `${measured.name}: requests wait. Of ${meanMs(measured).toFixed(0)} ms only about ${model.toFixed(0)} ms are the model; ${measured.body.summary.concurrency.toFixed(1)} users are waiting at a time.`,
            evidence: waitingEvidence(measured),
          }
        : undefined,
  }),
  defineRule({
    id: "single/no-queue",
    topic: "single",
    when: "answers take less than one and a half times the model's own time",
    subjects: withWaiting,
    fire: ({ measured, factor, model }) =>
      factor < 1.5
        ? {
            text: `${measured.name}: there is no queue; ${meanMs(measured).toFixed(0)} ms are little more than the model's ${model.toFixed(0)} ms.`,
            evidence: waitingEvidence(measured),
          }
        : undefined,
  }),
];

/** The load generator has the machine's cores in common with the pod, not the cluster's. */
function fullHost({ body }: Measured, { cpuCores, hostCores }: Usage): string {
  return body.target === "local"
    ? `the machine; the pod used ${cores(cpuCores)} of its ${hostCores} cores, which the load generator needs as well`
    : `the cluster; the pod used ${cores(cpuCores)} of its nodes' ${hostCores} cores`;
}

function idleFinding(measured: Measured, usage: Usage): Finding | undefined {
  const available = Math.min(usage.limitCores, usage.hostCores);
  if (usage.cpuCores >= 0.5 * available) return undefined;
  return {
    text: `${measured.name} used at most ${cores(usage.cpuCores)} of the ${cores(available)} cores that it could: the load did not fill it.`,
    evidence: at(measured, "samples", "pod/limits/cpuMillis"),
  };
}

const latencyRules: readonly Rule[] = [
  defineRule({
    id: "single/long-tail",
    topic: "single",
    when: "one answer in a hundred takes over twice the median",
    subjects: answered,
    fire: (measured) => {
      const { p50, p99, mean } = measured.body.summary.responseMs!;
      return p99 > 2 * p50
        ? {
            text: `${measured.name}: the mean of ${mean.toFixed(0)} ms hides a tail; half of the answers take up to ${p50.toFixed(0)} ms, one in a hundred over ${p99.toFixed(0)} ms.`,
            evidence: at(measured, "summary/responseMs"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "single/failures",
    topic: "single",
    when: "requests failed",
    subjects: each,
    fire: (measured) => {
      const { failed, okay, availability } = measured.body.summary;
      return failed > 0
        ? {
            text: `${measured.name}: ${failed} of ${okay + failed} requests failed (availability ${percent(availability ?? 0, 2)}); times are of the answered ones.`,
            evidence: at(measured, "summary/failed", "summary/availability"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "single/all-answered",
    topic: "single",
    when: "every request of every single pod was answered",
    subjects: (facts) => (each(facts).length > 0 ? [each(facts)] : []),
    fire: (all) => {
      const okay = all.reduce((sum, { body }) => sum + body.summary.okay, 0);
      return okay > 0 && all.every(({ body }) => body.summary.failed === 0)
        ? {
            text: `Every request was answered: ${okay} in all, availability 100 %.`,
            evidence: all.flatMap((measured) => at(measured, "summary/okay", "summary/failed")),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "single/one-run",
    topic: "single",
    when: "each single pod was measured once",
    subjects: (facts) => (each(facts).length > 0 ? [each(facts)] : []),
    fire: (all) =>
      new Set(all.map(({ body }) => body.candidate)).size === all.length
        ? {
            text: "Each was measured in one run, so response times and rates have no interval; accuracies have one of 95 %.",
            evidence: all.flatMap((measured) => at(measured, "startedAt")),
          }
        : undefined,
  }),
  defineRule({
    id: "single/limits-not-enforced",
    topic: "single",
    when: "the system did not enforce the limits",
    subjects: (facts) => each(facts).slice(0, 1),
    fire: (measured) =>
      measured.body.enforcement.reason !== null
        ? {
            text: `Limits were declared but not enforced here (${measured.body.enforcement.reason}): a pod could use more than its limit.`,
            evidence: at(measured, "enforcement"),
          }
        : undefined,
  }),
  defineRule({
    id: "single/memory-unused",
    topic: "single",
    when: "less than a third of the requested memory was ever used",
    subjects: withUsage,
    fire: ({ measured, usage }) =>
      usage.memoryBytes < usage.requestedBytes / 3
        ? {
            text: `${measured.name} used at most ${mebibytes(usage.memoryBytes)} of the ${mebibytes(usage.requestedBytes)} that it requested: its memory request can be lower.`,
            evidence: at(measured, "samples", "pod/requests/memoryBytes"),
          }
        : undefined,
  }),
];

export const singleRules: readonly Rule[] = [
  ratioRule("single/latency-over-accuracy", "accuracy"),
  ratioRule("single/latency-over-previous", "previous"),
  ...bottleneckRules,
  ...latencyRules,
];
