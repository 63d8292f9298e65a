/** What the load generator and the monitor see of the measurement under way: six plots over time. */
import type { LiveState } from "../../src/live/state.ts";
import { byId, duration, setText } from "./dom.ts";
import { Plot, type PlotData, type Series } from "./plot.ts";

const seconds = (value: number) => duration(value);
const gib = (bytes: number) => bytes / 2 ** 30;

const plots = {
  rate: new Plot({
    title: "Requests per second",
    format: (v) => v.toFixed(v < 10 ? 1 : 0),
    formatX: seconds,
    minTop: 1,
  }),
  response: new Plot({
    title: "Mean response time",
    format: (v) => `${Math.round(v)} ms`,
    formatX: seconds,
    minTop: 10,
  }),
  availability: new Plot({
    title: "Availability",
    format: (v) => `${(100 * v).toFixed(v === 0 || v === 1 ? 0 : 1)} %`,
    formatX: seconds,
    minTop: 1,
    range: [0, 1],
  }),
  replicas: new Plot({
    title: "Replicas",
    format: (v) => String(Math.round(v * 10) / 10),
    formatX: seconds,
    minTop: 2,
  }),
  cpu: new Plot({ title: "CPU, cores", format: (v) => v.toFixed(1), formatX: seconds, minTop: 1 }),
  memory: new Plot({ title: "Memory, GiB", format: (v) => v.toFixed(1), formatX: seconds, minTop: 1 }),
};
byId("traffic").append(...Object.values(plots).map(({ element }) => element));

export function drawTraffic(state: LiveState): void {
  const { measurement, load, resources } = state;
  byId("traffic-section").hidden = measurement === null;
  if (measurement === null) return;
  setText(byId("traffic-summary"), `${measurement.id} under ${measurement.load}`);
  const startMs = load[0]?.epochMs ?? resources[0]?.epochMs ?? 0;
  drawLoad(load, startMs);
  drawResources(resources, startMs);
}

function drawLoad(load: LiveState["load"], startMs: number): void {
  const x = load.map(({ epochMs }) => (epochMs - startMs) / 1000);
  const draw = (plot: Plot, name: string, value: (event: LiveState["load"][number]) => number) =>
    plot.draw({ x, series: [{ name, style: 1, values: load.map(value) }] });
  draw(plots.rate, "answered", (event) => event.okay / event.seconds);
  draw(plots.response, "mean", (event) => event.meanResponseMs ?? Number.NaN);
  draw(plots.availability, "answered", ({ okay, failed }) => (okay + failed > 0 ? okay / (okay + failed) : Number.NaN));
}

function drawResources(resources: LiveState["resources"], startMs: number): void {
  const x = resources.map(({ epochMs }) => (epochMs - startMs) / 1000);
  const line = (
    name: string,
    style: Series["style"],
    value: (event: LiveState["resources"][number]) => number,
    isStep = true,
  ): Series => ({ name, style, isStep, values: resources.map(value) });
  const draw = (plot: Plot, series: PlotData["series"]) => plot.draw({ x, series });
  draw(plots.replicas, [
    line("running", 1, (event) => event.replicas),
    line("ready", 2, (event) => event.readyReplicas),
  ]);
  draw(plots.cpu, [
    line("used", 1, (event) => event.cpuUseCores ?? Number.NaN, false),
    line("requested", 2, (event) => event.cpuRequestCores),
    line("limit", 3, (event) => event.cpuLimitCores),
  ]);
  draw(plots.memory, [
    line("used", 1, (event) => gib(event.memoryUseBytes ?? Number.NaN), false),
    line("requested", 2, (event) => gib(event.memoryRequestBytes)),
    line("limit", 3, (event) => gib(event.memoryLimitBytes)),
  ]);
}
