/** The live page: takes the run's state and what is added to it, and redraws the parts that changed, one a frame. */
import type { LiveEvent } from "../../src/live/event.ts";
import { applyEvent, emptyState, type LiveState } from "../../src/live/state.ts";
import { drawCurves } from "./curves.ts";
import { byId, duration, html, setData, setText } from "./dom.ts";
import { drawPlatform } from "./platform.ts";
import { drawStages } from "./stages.ts";
import { drawTraffic } from "./traffic.ts";

let state: LiveState = emptyState();

const parts = {
  head: drawHead,
  stages: drawStages,
  curves: drawCurves,
  platform: drawPlatform,
  traffic: drawTraffic,
  log: drawLog,
};
type Part = keyof typeof parts;
const allParts = Object.keys(parts) as Part[];

const partsOf: Readonly<Record<LiveEvent["type"], readonly Part[]>> = {
  run: allParts,
  task: ["head", "stages"],
  step: ["stages"],
  epoch: ["curves"],
  measurement: ["platform", "traffic"],
  platform: ["platform"],
  load: ["traffic"],
  resources: ["traffic"],
  log: ["log"],
  end: ["head", "stages"],
};

const changed = new Set<Part>(allParts);
let isFrameAsked = false;

function change(names: readonly Part[]): void {
  for (const name of names) changed.add(name);
  if (isFrameAsked || changed.size === 0) return;
  isFrameAsked = true;
  requestAnimationFrame(drawNext);
}

/** One part a frame: no frame takes long, however much came. */
function drawNext(): void {
  isFrameAsked = false;
  const next = changed.values().next().value;
  if (next === undefined) return;
  changed.delete(next);
  parts[next](state);
  change([]);
}

const outcomes: Readonly<Record<LiveState["outcome"], string>> = {
  none: "",
  running: "runs",
  done: "done",
  failed: "failed: the log says why",
  interrupted: "interrupted: the same command goes on where it stopped",
};

function drawHead({ name, outcome, startedEpochMs, endedEpochMs, tasks, measurement, curves }: LiveState): void {
  setText(byId("name"), name || "Waiting for a run");
  const element = byId("outcome");
  setData(element, "state", outcome);
  const endMs = endedEpochMs ?? Date.now();
  setText(element, outcome === "none" ? "" : `${outcomes[outcome]}, ${duration((endMs - startedEpochMs) / 1000)}`);
  const ended = tasks.filter((task) => task.state === "done" || task.state === "upToDate").length;
  document.title = name ? `${name}: ${ended} of ${tasks.length}` : "fulcrum";
  byId("empty").hidden = measurement !== null || curves.length > 0;
}

/** Follows the end unless somebody has scrolled up. */
function drawLog({ log }: LiveState): void {
  const lines = byId("log");
  const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 8;
  lines.replaceChildren(
    ...log.map(({ epochMs, line }) =>
      html("p", {}, html("time", {}, new Date(epochMs).toTimeString().slice(0, 8)), ` ${line}`),
    ),
  );
  if (isAtEnd) lines.scrollTop = lines.scrollHeight;
}

function receive(message: { snapshot: LiveState } | { events: LiveEvent[] }): void {
  if ("snapshot" in message) {
    state = message.snapshot;
    change(allParts);
    return;
  }
  for (const event of message.events) {
    applyEvent(state, event);
    change(partsOf[event.type]);
  }
}

/** The server is heard at least every 5 s; a longer silence is told. */
const silenceMs = 12_000;
let silence: ReturnType<typeof setTimeout> | undefined;

function tellConnection(connection: "live" | "lost"): void {
  clearTimeout(silence);
  setData(byId("connection"), "state", connection);
  setText(byId("connection"), connection === "live" ? "live" : "connection lost, trying again");
  if (connection === "live") silence = setTimeout(() => tellConnection("lost"), silenceMs);
}

function connect(): void {
  const source = new EventSource("/events");
  source.addEventListener("message", ({ data }) => {
    tellConnection("live");
    receive(JSON.parse(data));
  });
  source.addEventListener("heartbeat", () => tellConnection("live"));
  source.addEventListener("error", () => {
    tellConnection("lost");
    // Browsers try again by themselves unless the server refused; then it is tried from here.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  });
}

connect();
/** Times that pass without an event. */
setInterval(() => {
  if (state.outcome === "running") change(["head", "stages"]);
}, 1000);
change([]);
