/** Sentences computed from the records: the answer at the top, and the contributions. Pure. */
import { mcnemarExact, type PairedCounts, pairedDifference } from "../evaluate/intervals.ts";
import type { Evaluation } from "../records/evaluation.ts";
import type { Measurement } from "../records/measurement.ts";
import type { ReportInput } from "./gather.ts";
import { percent, withInterval } from "./words.ts";

type Role = "previous" | "accuracy" | "latency";

function candidateOf({ trainings }: ReportInput, role: Role): string | undefined {
  return trainings.find(({ body }) => body.role === role)?.body.candidate;
}

function evaluationOf(input: ReportInput, role: Role): Evaluation | undefined {
  return input.evaluations.find(({ body }) => body.candidate === candidateOf(input, role))?.body;
}

function singleOf(input: ReportInput, role: Role): Measurement | undefined {
  const name = candidateOf(input, role);
  return input.measurements.find(({ body }) => body.shape === "single" && body.candidate === name)?.body;
}

/** The answer in a few lines: how accurate and how fast, a role a line, then how each autoscaled model did. */
export function answers(input: ReportInput): string[] {
  const perRole = (["accuracy", "latency", "previous"] as const).flatMap((role) => {
    const evaluation = evaluationOf(input, role);
    if (!evaluation) return [];
    const single = singleOf(input, role);
    const time = single?.summary.responseMs;
    const speed = time
      ? `; under ${single.load.description} a single pod answers in ${time.mean.toFixed(0)} ms, ${single.summary.transactionRatePerSecond.toFixed(0)} requests a second`
      : "";
    return [
      `${role === "previous" ? "Predecessor" : `For ${role}`}: ${evaluation.candidate}, right on ${withInterval(evaluation.accuracy)} of ${evaluation.photos} test photos${speed}.`,
    ];
  });
  return [...perRole, ...scaling(input)];
}

/** How two evaluations did on the same photos; undefined where they are not of the same photos. */
export function pairUp(first: Evaluation, second: Evaluation): PairedCounts | undefined {
  const others = new Map(second.predictions.map((prediction) => [prediction.path, prediction]));
  if (first.predictions.length !== others.size) return undefined;
  const counts = { bothRight: 0, onlyFirst: 0, onlySecond: 0, bothWrong: 0 };
  for (const { path, label, predicted } of first.predictions) {
    const other = others.get(path);
    if (!other) return undefined;
    const [a, b] = [predicted === label, other.predicted === other.label];
    counts[a ? (b ? "bothRight" : "onlyFirst") : b ? "onlySecond" : "bothWrong"]++;
  }
  return counts;
}

export function contributions(input: ReportInput): string[] {
  return [
    ...comparison(input, "accuracy", "previous"),
    ...comparison(input, "latency", "previous"),
    ...comparison(input, "accuracy", "latency"),
    ...speed(input, "accuracy"),
    ...speed(input, "previous"),
    ...scaling(input),
    ...input.contributions,
  ];
}

function comparison(input: ReportInput, a: Role, b: Role): string[] {
  const [first, second] = [evaluationOf(input, a), evaluationOf(input, b)];
  const pairs = first && second && pairUp(first, second);
  if (!pairs) return [];
  const { estimate, low, high } = pairedDifference(pairs);
  const points = (share: number) => (100 * share).toFixed(1);
  const p = mcnemarExact(pairs.onlyFirst, pairs.onlySecond);
  const verdict = low > 0 ? "more accurate" : high < 0 ? "less accurate" : "not told apart by these photos";
  return [
    `The ${a} model against the ${b} model on the same photos: ${points(estimate)} points (95 % interval ${points(low)} to ${points(high)}; McNemar p ${p < 0.001 ? "< 0.001" : p.toFixed(3)}): ${verdict}.`,
  ];
}

function speed(input: ReportInput, other: Role): string[] {
  const [fast, slow] = [singleOf(input, "latency"), singleOf(input, other)];
  if (!fast?.summary.responseMs || !slow?.summary.responseMs) return [];
  const ratio = slow.summary.responseMs.mean / fast.summary.responseMs.mean;
  return [
    `In a single pod the latency model answers ${ratio.toFixed(1)} times as fast as the ${other} model (one run each).`,
  ];
}

function scaling({ measurements }: ReportInput): string[] {
  return measurements.flatMap(({ body }) => {
    if (body.shape !== "autoscaled" || body.samples.length === 0) return [];
    const ready = body.samples.map((sample) => sample.readyReplicas);
    const availability =
      body.summary.availability === null ? "" : `, availability ${percent(body.summary.availability, 2)}`;
    return [
      `${body.candidate} scaled from ${ready[0]} to ${Math.max(...ready)} replicas and ended with ${ready.at(-1)}${availability}.`,
    ];
  });
}
