/** Courses, costs, comparisons and objectives in figures. Pure. */
import { costOf } from "../facts/cost.ts";
import { type Course, totalsOf } from "../facts/course.ts";
import { comparisonsOf, type Facts, measuredAs } from "../facts/facts.ts";
import { mebibytes, percent, points, pValue } from "../words.ts";
import { columnTable, type Table } from "./table.ts";

const orDash = (value: number | null | undefined, show: (value: number) => string) =>
  value === null || value === undefined ? "-" : show(value);

/** How the original judged a recipe: memory, answers a second, weighted response time; and what else counts. */
export function courseTable(courses: readonly Course[]): Table | undefined {
  if (courses.length === 0) return undefined;
  const totals = courses.map((course) => ({ name: course.name, ...totalsOf(course) }));
  type Row = (typeof totals)[number];
  const rows: [string, (row: Row) => string][] = [
    ["memory requested, mean", ({ resources }) => orDash(resources?.memoryRequestBytes, mebibytes)],
    ["memory used, mean", ({ resources }) => orDash(resources?.memoryUseBytes, mebibytes)],
    ["CPU requested, mean", ({ resources }) => orDash(resources?.cpuRequestCores, (v) => `${v.toFixed(2)} cores`)],
    ["CPU used, mean", ({ resources }) => orDash(resources?.cpuUseCores, (v) => `${v.toFixed(2)} cores`)],
    ["answers a second", ({ okayPerSecond }) => okayPerSecond.toFixed(2)],
    ["response time, weighted by answers", ({ meanMs }) => orDash(meanMs, (v) => `${v.toFixed(0)} ms`)],
    ["availability", ({ availability }) => orDash(availability, (v) => percent(v, 2))],
    [
      "ready replicas: start, most, end",
      ({ resources }) => (resources ? `${resources.firstReady}, ${resources.mostReady}, ${resources.lastReady}` : "-"),
    ],
  ];
  return columnTable(totals, ({ name }) => name, rows, totals.length);
}

/** Runs made without fulcrum whose accuracy was given. */
export function givenTable(courses: readonly Course[]): Table {
  const given = courses.filter(({ givenAccuracy }) => givenAccuracy !== undefined);
  const totals = given.map((course) => ({ ...course, ...totalsOf(course) }));
  type Row = (typeof totals)[number];
  const rows: [string, (row: Row) => string][] = [
    ["test accuracy, as given", ({ givenAccuracy }) => percent(givenAccuracy!, 2)],
    ["mean response time", ({ meanMs }) => orDash(meanMs, (v) => `${v.toFixed(0)} ms`)],
    ["requests answered a second", ({ okayPerLoadSecond }) => okayPerLoadSecond.toFixed(2)],
    ["availability", ({ availability }) => orDash(availability, (v) => percent(v, 2))],
    ["runs of the load", ({ rows: { length } }) => String(length)],
  ];
  return columnTable(totals, ({ name }) => name, rows, totals.length);
}

/** A measurement a row; money where there is a price sheet. */
export function costTable(facts: Facts): Table | undefined {
  const { prices } = facts.input;
  const rows = (["single", "max", "autoscaled"] as const).flatMap((shape) =>
    measuredAs(facts, shape).flatMap(({ body }) => {
      const cost = costOf(body, prices);
      if (!cost) return [];
      const money = prices && cost.money !== null ? [cost.money.toPrecision(3)] : [];
      const used = orDash(cost.usedCpuShare, (share) => percent(share, 0));
      return [
        [
          `${body.candidate}, ${body.deployment}`,
          cost.coreHours.toPrecision(3),
          cost.gibHours.toPrecision(3),
          used,
          ...money,
        ],
      ];
    }),
  );
  if (rows.length === 0) return undefined;
  const header = ["for a million requests", "core-hours requested", "GiB-hours requested", "requested CPU used"];
  return { header: [...header, ...(prices ? [prices.currency] : [])], rows, comparedColumns: 0 };
}

/** Models on the same photos, a pair a row. */
export function comparisonTable(facts: Facts): Table | undefined {
  const rows = comparisonsOf(facts).map(({ first, second, counts, difference, p, verdict }) => [
    `${first.candidate} against ${second.candidate}`,
    `${points(difference.estimate)} (${points(difference.low)} to ${points(difference.high)})`,
    String(counts.onlyFirst),
    String(counts.onlySecond),
    String(counts.bothRight),
    String(counts.bothWrong),
    pValue(p),
    verdict,
  ]);
  if (rows.length === 0) return undefined;
  const header = [
    "on the same photos",
    "difference, points",
    "only the first right",
    "only the second",
    "both",
    "neither",
  ];
  return { header: [...header, "McNemar p", "the first is"], rows, comparedColumns: 0 };
}
