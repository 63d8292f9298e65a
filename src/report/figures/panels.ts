/** An autoscaled model over time, in six panels: requests, response time, availability, replicas, CPU, memory. Pure. */
import type { ResourceSample } from "../../records/measurement.ts";
import { availabilityOf, type Course, type CourseRow, minuteOf, scaleSteps } from "../facts/course.ts";
import type { Objectives } from "../input.ts";
import { chooseAxis } from "./axis.ts";
import { colorOf, type PlotFigure, quiet, type Series } from "./figure.ts";
import { targetLine } from "./scatter.ts";

const mebibyte = 1024 ** 2;
const requestedColor = colorOf(1);
const limitColor = quiet;
const usedColor = colorOf(0);

interface Panel {
  readonly id: string;
  readonly title: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly yMin?: number;
  readonly yMax?: number;
  readonly isWhole?: boolean;
  readonly target?: { readonly name: string; readonly value: number } | undefined;
}

export function panelFigures(course: Course, objectives: Objectives | undefined): PlotFigure[] {
  const panels = [...loadPanels(course, objectives), ...(course.samples.length > 0 ? resourcePanels(course) : [])];
  const x = timeAxis(course, panels);
  return panels.map((panel) => toFigure(course, panel, x));
}

function timeAxis({ timeScale }: Course, panels: readonly Panel[]) {
  const label = timeScale === 1 ? "minutes" : `minutes of the scenario (time scaled by ${timeScale})`;
  const times = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ x }) => x)));
  return chooseAxis({ label, values: [0, ...times.map((time) => Math.floor(time))], fromZero: true, room: 0 });
}

function toFigure({ name }: Course, panel: Panel, x: PlotFigure["x"]): PlotFigure {
  const { id, title, yLabel, series, yMin, yMax, isWhole, target } = panel;
  const values = series.flatMap(({ points }) => points.flatMap(({ y }) => (y === null ? [] : [y])));
  const y = chooseAxis({
    label: yLabel,
    values: [...values, ...(target ? [target.value] : []), ...(yMin === undefined ? [] : [yMin])],
    fromZero: yMin === undefined,
    ...(yMin !== undefined && { floor: yMin }),
    ...(yMax !== undefined && { ceiling: yMax }),
    isWhole: isWhole ?? false,
  });
  const targets = target ? [{ name: target.name, ...targetLine(target.value, [x.min, x.max]) }] : [];
  return { kind: "plot", id: `over-time-${slugOf(name)}-${id}`, title, x, y, series: [...series, ...targets] };
}

function loadPanels(course: Course, objectives: Objectives | undefined): Panel[] {
  const byRun = (name: string, value: (row: CourseRow) => number | null): Series => ({
    name,
    color: usedColor,
    look: "line",
    points: course.rows.map((row) => {
      return { x: ((row.startSeconds + row.elapsedSeconds / 2) / 60) * course.timeScale, y: value(row) };
    }),
  });
  const { maxMeanResponseMs = null, minAvailability = null } = objectives ?? {};
  const availability = byRun("availability", (row) => asPercent(availabilityOf(row)));
  const least = Math.min(100, ...availability.points.map(({ y }) => y ?? 100));
  return [
    {
      id: "requests",
      title: course.timeScale === 1 ? "Requests per minute" : "Requests per scaled minute",
      yLabel: "requests",
      series: [byRun("requests", (row) => row.okay + row.failed)],
      isWhole: true,
    },
    {
      id: "response-time",
      title: "Mean response time",
      yLabel: "ms",
      series: [byRun("response time", (row) => row.meanMs)],
      target: maxMeanResponseMs === null ? undefined : { name: "asked for", value: maxMeanResponseMs },
    },
    {
      id: "availability",
      title: "Availability",
      yLabel: "% of requests answered",
      series: [availability],
      yMin: least > 95 ? 95 : 0,
      yMax: 100,
      target: minAvailability === null ? undefined : { name: "asked for", value: 100 * minAvailability },
    },
  ];
}

const asPercent = (share: number | null) => (share === null ? null : 100 * share);

function resourcePanels(course: Course): Panel[] {
  const bySample = (
    name: string,
    value: (sample: ResourceSample) => number | null,
    style: Pick<Series, "look" | "color" | "dash">,
  ): Series => ({
    name,
    ...style,
    points: course.samples.map((sample) => ({ x: minuteOf(course, sample.epochMs), y: value(sample) })),
  });
  const requested = { look: "steps", color: requestedColor } as const;
  const limit = { look: "steps", color: limitColor, dash: "dotted" } as const;
  const used = { look: "line", color: usedColor } as const;
  const running = bySample("running", (s) => s.replicas, { ...requested, dash: "dashed" });
  const ready = bySample("ready", (s) => s.readyReplicas, { look: "steps", color: usedColor });
  const most = course.autoscaling?.maxReplicas;
  return [
    {
      id: "replicas",
      title: "Replicas",
      yLabel: "replicas",
      series: [...(course.hasReady ? [running, ready] : [running]), ...scaleEvents(course)],
      isWhole: true,
      target: most === undefined ? undefined : { name: "most", value: most },
    },
    {
      id: "cpu",
      title: "CPU",
      yLabel: "cores",
      series: [
        bySample("limit", (s) => s.cpuLimitCores, limit),
        bySample("requested", (s) => s.cpuRequestCores, requested),
        bySample("used", (s) => s.cpuUseCores, used),
      ],
    },
    {
      id: "memory",
      title: "Memory",
      yLabel: "MiB",
      series: [
        bySample("limit", (s) => s.memoryLimitBytes / mebibyte, limit),
        bySample("requested", (s) => s.memoryRequestBytes / mebibyte, requested),
        bySample("used", (s) => s.memoryUseBytes && s.memoryUseBytes / mebibyte, used),
      ],
    },
  ];
}

/** A mark at each change of running replicas: up and down told apart by form. */
function scaleEvents(course: Course): Series[] {
  const steps = scaleSteps(course);
  const marks = (name: string, isWanted: (change: number) => boolean, style: Pick<Series, "color" | "marker">) => {
    const points = steps.filter(({ from, to }) => isWanted(to - from)).map(({ minute, to }) => ({ x: minute, y: to }));
    return points.length > 0 ? [{ name, look: "events" as const, ...style, points }] : [];
  };
  return [
    ...marks("up", (change) => change > 0, { color: colorOf(2), marker: "triangle" }),
    ...marks("down", (change) => change < 0, { color: colorOf(3), marker: "diamond" }),
  ];
}

/** Letters, digits and hyphens of a name, for file names. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
