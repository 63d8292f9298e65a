/**
 * Events to the state that the live page shows. Pure, bounded, and free of imports at run time: the server folds the
 * events of a run with it, and the page goes on from there with the very same code.
 */
import type { LiveEvent, LiveReplica, TaskState } from "./event.ts";

export interface LiveTask {
  readonly id: string;
  state: TaskState;
  startedEpochMs: number | null;
  seconds: number | null;
}

export interface LiveStep {
  readonly label: string;
  readonly startedEpochMs: number;
  epochMs: number;
  done: number;
  total: number;
  unit: string;
  detail: string;
}

export interface Curve {
  /** Task and label: "train/accuracy", "head". */
  readonly task: string;
  readonly label: string;
  readonly points: { epoch: number; figures: Readonly<Record<string, number>> }[];
}

type EventOf<Type extends LiveEvent["type"]> = Extract<LiveEvent, { type: Type }>;

export interface LiveState {
  name: string;
  startedEpochMs: number;
  outcome: "none" | "running" | EventOf<"end">["outcome"];
  endedEpochMs: number | null;
  tasks: LiveTask[];
  /** Work under way, the newest last. */
  steps: LiveStep[];
  curves: Curve[];
  /** The measurement under way or the last one, with what was seen of it. */
  measurement: { id: string; load: string } | null;
  replicas: readonly LiveReplica[];
  nodes: EventOf<"platform">["nodes"];
  load: EventOf<"load">[];
  resources: EventOf<"resources">[];
  log: { epochMs: number; line: string }[];
}

/** Most points of a curve that are kept; every second one is dropped where there are more. */
export const maxPoints = 1200;
const maxLogLines = 200;

export function emptyState(): LiveState {
  return {
    name: "",
    startedEpochMs: 0,
    outcome: "none",
    endedEpochMs: null,
    tasks: [],
    steps: [],
    curves: [],
    measurement: null,
    replicas: [],
    nodes: [],
    load: [],
    resources: [],
    log: [],
  };
}

/** Changes the state in place; a run's first event empties it. */
export function applyEvent(state: LiveState, event: LiveEvent): void {
  switch (event.type) {
    case "run":
      startRun(state, event);
      break;
    case "task":
      applyTask(state, event);
      break;
    case "step":
      applyStep(state, event);
      break;
    case "epoch":
      applyEpoch(state, event);
      break;
    case "measurement":
      state.measurement = { id: event.id, load: event.load };
      Object.assign(state, { replicas: [], nodes: [], load: [], resources: [] });
      break;
    case "platform":
      state.replicas = event.replicas;
      state.nodes = event.nodes;
      break;
    case "load":
      addPoint(state.load, event);
      break;
    case "resources":
      addPoint(state.resources, event);
      break;
    case "log":
      state.log.push({ epochMs: event.epochMs, line: event.line });
      if (state.log.length > maxLogLines) state.log.shift();
      break;
    case "end":
      endRun(state, event);
      break;
  }
}

function startRun(state: LiveState, { name, epochMs, tasks }: EventOf<"run">): void {
  Object.assign(state, emptyState());
  state.name = name;
  state.startedEpochMs = epochMs;
  state.outcome = "running";
  state.tasks = tasks.map((id) => ({ id, state: "waiting", startedEpochMs: null, seconds: null }));
}

function endRun(state: LiveState, { outcome, epochMs }: EventOf<"end">): void {
  state.outcome = outcome;
  state.endedEpochMs = epochMs;
  state.steps = [];
  for (const task of state.tasks) if (task.state === "running") task.state = "failed";
}

function applyTask(state: LiveState, event: EventOf<"task">): void {
  const task = state.tasks.find(({ id }) => id === event.id);
  if (task === undefined) return;
  task.state = event.state;
  task.seconds = event.seconds;
  if (event.state === "running") task.startedEpochMs = event.epochMs;
  state.steps = [];
}

function applyStep(state: LiveState, event: EventOf<"step">): void {
  const { label, epochMs, done, total, unit, detail, isFinished } = event;
  const known = state.steps.find((step) => step.label === label);
  if (isFinished) state.steps = state.steps.filter((step) => step !== known);
  else if (known) Object.assign(known, { epochMs, done, total, detail });
  else state.steps.push({ label, startedEpochMs: epochMs, epochMs, done, total, unit, detail });
}

function applyEpoch(state: LiveState, { label, epoch, figures }: EventOf<"epoch">): void {
  const task = state.tasks.find((each) => each.state === "running")?.id ?? "";
  let curve = state.curves.find((each) => each.task === task && each.label === label);
  if (curve === undefined) {
    curve = { task, label, points: [] };
    state.curves.push(curve);
  }
  addPoint(curve.points, { epoch, figures });
}

/** Where the points get too many every second one goes, so that the whole time stays in view. */
function addPoint<Point>(points: Point[], point: Point): void {
  points.push(point);
  if (points.length <= maxPoints) return;
  const kept = points.filter((_, i) => i % 2 === 0 || i === points.length - 1);
  points.splice(0, points.length, ...kept);
}
