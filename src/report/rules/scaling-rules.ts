/** How autoscaling was set: requests, limits, bounds and targets, and what these mean. */
import { type Facts, type Measured, measuredAs } from "../facts/facts.ts";
import { mebibytes } from "../words.ts";
import { defineRule, type Rule } from "./rule.ts";

const each = (facts: Facts) => measuredAs(facts, "autoscaled").filter(({ body }) => body.autoscaling !== null);
const at = ({ path }: Measured, ...pointers: string[]) => pointers.map((pointer) => `${path}#/body/${pointer}`);

/** Every two recipes of different candidates. */
const pairs = (facts: Facts): [Measured, Measured][] => {
  const all = each(facts);
  return all.flatMap((a, i) =>
    all
      .slice(i + 1)
      .filter((b) => b.body.candidate !== a.body.candidate)
      .map((b): [Measured, Measured] => [a, b]),
  );
};

export const scalingRules: readonly Rule[] = [
  defineRule({
    id: "scaling/threshold",
    topic: "scaling",
    when: "a target of CPU use is set",
    subjects: each,
    fire: (measured) => {
      const { autoscaling, pod } = measured.body;
      const millis = (pod.requests.cpuMillis * autoscaling!.targetCpuPercent) / 100;
      return millis > 0
        ? {
            text: `${measured.name}: a replica is added when pods use over ${Math.round(millis)}m each on average, ${autoscaling!.targetCpuPercent} % of their request of ${pod.requests.cpuMillis}m.`,
            evidence: at(measured, "autoscaling/targetCpuPercent", "pod/requests/cpuMillis"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "scaling/targets-differ",
    topic: "scaling",
    when: "two recipes have different CPU targets",
    subjects: pairs,
    fire: ([a, b]) => {
      const [low, high] = [a, b].toSorted(
        (one, other) => one.body.autoscaling!.targetCpuPercent - other.body.autoscaling!.targetCpuPercent,
      ) as [Measured, Measured];
      const [least, most] = [low.body.autoscaling!.targetCpuPercent, high.body.autoscaling!.targetCpuPercent];
      return least !== most
        ? {
            text: `${low.name} scales at ${least} % and ${high.name} at ${most} %: the lower target adds replicas earlier and keeps more room for a rising load.`,
            evidence: [...at(low, "autoscaling/targetCpuPercent"), ...at(high, "autoscaling/targetCpuPercent")],
          }
        : undefined;
    },
  }),
  defineRule({
    id: "scaling/requests-differ",
    topic: "scaling",
    when: "two recipes request different CPU or memory",
    subjects: pairs,
    fire: ([a, b]) => {
      const [first, second] = [a.body.pod.requests, b.body.pod.requests];
      return first.cpuMillis !== second.cpuMillis || first.memoryBytes !== second.memoryBytes
        ? {
            text: `A pod of ${a.name} requests ${first.cpuMillis}m and ${mebibytes(first.memoryBytes)}, one of ${b.name} ${second.cpuMillis}m and ${mebibytes(second.memoryBytes)}; what is requested is paid for, used or not.`,
            evidence: [...at(a, "pod/requests"), ...at(b, "pod/requests")],
          }
        : undefined;
    },
  }),
  defineRule({
    id: "scaling/fixed",
    topic: "scaling",
    when: "fewest and most replicas are the same",
    subjects: each,
    fire: (measured) => {
      const { minReplicas, maxReplicas } = measured.body.autoscaling!;
      return minReplicas === maxReplicas
        ? {
            text: `${measured.name} cannot scale: fewest and most replicas are both ${minReplicas}.`,
            evidence: at(measured, "autoscaling"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "scaling/limit-above-request",
    topic: "scaling",
    when: "the CPU limit is at least twice the request",
    subjects: each,
    fire: (measured) => {
      const { requests, limits } = measured.body.pod;
      return limits.cpuMillis >= 2 * requests.cpuMillis
        ? {
            text: `${measured.name}: the limit of ${limits.cpuMillis}m is ${(limits.cpuMillis / requests.cpuMillis).toFixed(1)} times the request, so a pod can bridge the time until new replicas are ready.`,
            evidence: at(measured, "pod"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "scaling/slow-start",
    topic: "scaling",
    when: "a replica took over 10 s from start to ready",
    subjects: each,
    fire: (measured) => {
      const slowest = measured.body.readySeconds.reduce((a, b) => Math.max(a, b), 0);
      return slowest > 10
        ? {
            text: `${measured.name}: a new replica takes up to ${slowest.toFixed(0)} s until it is ready; load that comes faster than that meets the old ones.`,
            evidence: at(measured, "readySeconds"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "scaling/quick-start",
    topic: "scaling",
    when: "every replica was ready within 10 s of its start",
    subjects: each,
    fire: (measured) => {
      const { readySeconds } = measured.body;
      const slowest = readySeconds.reduce((a, b) => Math.max(a, b), 0);
      return readySeconds.length > 0 && slowest <= 10
        ? {
            text: `${measured.name}: a new replica is ready ${slowest.toFixed(1)} s after its start at the latest (${readySeconds.length} starts).`,
            evidence: at(measured, "readySeconds"),
          }
        : undefined;
    },
  }),
];
