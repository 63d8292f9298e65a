/** As many replicas as fit: what ran out, where, and what the replicas brought. */
import { usageOf } from "../facts/bottleneck.ts";
import { type Facts, type Measured, measuredAs, shapeOf } from "../facts/facts.ts";
import { mebibytes, percent } from "../words.ts";
import { defineRule, type Finding, type Rule } from "./rule.ts";

const each = (facts: Facts) => measuredAs(facts, "max");
const at = ({ path }: Measured, ...pointers: string[]) => pointers.map((pointer) => `${path}#/body/${pointer}`);
const rateOf = ({ body }: Measured) => body.summary.transactionRatePerSecond;

/** Each max-size measurement beside the model's single pod. */
const beside = (facts: Facts) =>
  each(facts).flatMap((max) => {
    const single = shapeOf(
      facts.models.find(({ name }) => name === max.body.candidate),
      "single",
    );
    return single && rateOf(single) > 0 ? [{ max, single, gain: rateOf(max) / rateOf(single) }] : [];
  });

type Beside = ReturnType<typeof beside>[number];
const gainEvidence = ({ max, single }: Beside) => [
  ...at(max, "summary/transactionRatePerSecond", "running"),
  ...at(single, "summary/transactionRatePerSecond"),
];

/** How often a reason for Pending names a resource. */
function lackOf({ body }: Measured, resource: "cpu" | "memory"): number {
  return body.pending.filter(({ reason }) => reason.toLowerCase().includes(`insufficient ${resource}`)).length;
}

/** What is left on the nodes, in the order of the record. */
function roomLeft({ body }: Measured, resource: "cpu" | "memory"): string {
  return body.nodes
    .map(({ node, capacity, requests }) =>
      resource === "cpu"
        ? `${node} ${capacity.cpuMillis - requests.cpuMillis}m`
        : `${node} ${mebibytes(capacity.memoryBytes - requests.memoryBytes)}`,
    )
    .join(", ");
}

function lackRule(resource: "cpu" | "memory"): Rule {
  const name = resource === "cpu" ? "CPU" : "Memory";
  return defineRule({
    id: `max/out-of-${resource}`,
    topic: "max-size",
    when: `replicas stayed Pending for want of ${resource === "cpu" ? "CPU" : "memory"}`,
    subjects: each,
    fire: (measured) => {
      const { running, asked, pod, nodes } = measured.body;
      if (lackOf(measured, resource) === 0) return undefined;
      const wanted = resource === "cpu" ? `${pod.requests.cpuMillis}m` : mebibytes(pod.requests.memoryBytes);
      const left = nodes.length > 0 ? `: left are ${roomLeft(measured, resource)}` : "";
      return {
        text: `${measured.name}: ${running} of ${asked} replicas run. ${name} ran out: a pod requests ${wanted}${left}.`,
        evidence: at(measured, "running", "pending", "nodes", "pod/requests"),
      };
    },
  });
}

const roomRules: readonly Rule[] = [
  lackRule("cpu"),
  lackRule("memory"),
  defineRule({
    id: "max/all-fit",
    topic: "max-size",
    when: "every replica that was asked for runs",
    subjects: each,
    fire: (measured) =>
      measured.body.pending.length === 0 && measured.body.running >= measured.body.asked
        ? {
            text: `${measured.name}: all ${measured.body.asked} replicas fit; this is not the largest deployment that the nodes hold.`,
            evidence: at(measured, "asked", "running"),
          }
        : undefined,
  }),
  defineRule({
    id: "max/overcommitted",
    topic: "max-size",
    when: "the limits on a node add up to more than it has",
    subjects: each,
    fire: (measured) => {
      const over = measured.body.nodes.find(({ limits, capacity }) => limits.cpuMillis > capacity.cpuMillis);
      return over
        ? {
            text: `${measured.name}: CPU limits on ${over.node} add up to ${percent(over.limits.cpuMillis / over.capacity.cpuMillis, 0)} of the node; not all pods can use their limit at once.`,
            evidence: at(measured, "nodes"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "max/real-cores",
    topic: "max-size",
    when: "running replicas request more CPU than the machine under them has",
    subjects: each,
    fire: (measured) => {
      const requested = (measured.body.pod.requests.cpuMillis / 1000) * measured.body.running;
      const { cpuCount } = measured.record.machine;
      return measured.body.target === "local" && requested > cpuCount
        ? {
            text: `${measured.name}: the declared nodes grant ${requested.toFixed(1)} cores, the machine under them has ${cpuCount}: node sizes are room for scheduling here, not speed.`,
            evidence: [...at(measured, "running", "pod/requests/cpuMillis"), `${measured.path}#/machine/cpuCount`],
          }
        : undefined;
    },
  }),
];

/** A local deployment's replicas are processes of one machine; why those of a cluster bring little is not in the record. */
function sharedCores({ record, body }: Measured): string {
  return body.target === "local" ? `, because they share ${record.machine.cpuCount} real cores` : "";
}

const gainRules: readonly Rule[] = [
  defineRule({
    id: "max/faster",
    topic: "max",
    when: "the rate is over 1.2 times that of a single pod",
    subjects: beside,
    fire: (subject) => {
      const { max, single, gain } = subject;
      return gain > 1.2
        ? {
            text: `${max.name}: ${max.body.running} replicas answer ${rateOf(max).toFixed(1)} requests a second, ${gain.toFixed(1)} times as many as the single pod (${rateOf(single).toFixed(1)}), which is ${percent(gain / Math.max(1, max.body.running), 0)} of a pod's rate for each.`,
            evidence: gainEvidence(subject),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "max/no-faster",
    topic: "max",
    when: "the rate is at most 1.2 times that of a single pod, with more than one replica",
    subjects: beside,
    fire: (subject) => {
      const { max, single, gain } = subject;
      return gain <= 1.2 && max.body.running > 1
        ? {
            text: `${max.name}: ${max.body.running} replicas answer ${rateOf(max).toFixed(1)} requests a second and the single pod ${rateOf(single).toFixed(1)}: more replicas brought little${sharedCores(max)}.`,
            evidence: gainEvidence(subject),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "max/requested-unused",
    topic: "max",
    when: "less than half of the requested CPU was ever in use",
    subjects: each,
    fire: (measured) => {
      const usage = usageOf(measured);
      const requested = (measured.body.pod.requests.cpuMillis / 1000) * measured.body.running;
      return usage && usage.cpuCores < 0.5 * requested
        ? {
            text: `${measured.name}: of ${requested.toFixed(1)} requested cores at most ${usage.cpuCores.toFixed(1)} were in use; the rest is paid for and idle.`,
            evidence: at(measured, "samples", "pod/requests/cpuMillis", "running"),
          }
        : undefined;
    },
  }),
  defineRule({
    id: "max/failures",
    topic: "max",
    when: "requests failed",
    subjects: each,
    fire: (measured) => {
      const { failed, okay } = measured.body.summary;
      return failed > 0
        ? {
            text: `${measured.name}: ${failed} of ${okay + failed} requests failed under max-size.`,
            evidence: at(measured, "summary/failed", "summary/okay"),
          }
        : undefined;
    },
  }),
];

/** The same model deployed max-size twice: with larger requests, and with smaller ones. */
const sizes = (facts: Facts) => {
  const all = each(facts);
  return all.flatMap((large) =>
    all
      .filter((small) => small.body.candidate === large.body.candidate)
      .filter((small) => small.body.pod.requests.cpuMillis < large.body.pod.requests.cpuMillis)
      .map((small) => ({ large, small })),
  );
};

function sizeFinding({ large, small }: ReturnType<typeof sizes>[number], verdict: string): Finding {
  const shown = ({ body }: Measured) => `${body.running} of ${body.pod.requests.cpuMillis}m`;
  return {
    text: `${small.body.candidate}: more, smaller pods ${verdict}: ${shown(small)} answer ${rateOf(small).toFixed(1)} requests a second, ${shown(large)} answer ${rateOf(large).toFixed(1)}.`,
    evidence: [small, large].flatMap((measured) =>
      at(measured, "running", "pod/requests", "summary/transactionRatePerSecond"),
    ),
  };
}

const sizeRules: readonly Rule[] = [
  defineRule({
    id: "max/smaller-pods-better",
    topic: "max-size",
    when: "with lower requests the same model answers over 5 % more requests a second",
    subjects: sizes,
    fire: (pair) => (rateOf(pair.small) > 1.05 * rateOf(pair.large) ? sizeFinding(pair, "do better") : undefined),
  }),
  defineRule({
    id: "max/smaller-pods-no-better",
    topic: "max-size",
    when: "with lower requests the same model answers at most 5 % more requests a second",
    subjects: sizes,
    fire: (pair) => (rateOf(pair.small) <= 1.05 * rateOf(pair.large) ? sizeFinding(pair, "do no better") : undefined),
  }),
];

export const maxRules: readonly Rule[] = [...gainRules, ...roomRules, ...sizeRules];
