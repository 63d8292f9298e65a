/** The events of a small made-up run, from its start to its end. */
import type { LiveEvent } from "../../src/live/event.ts";

const gib = 2 ** 30;

/** @param startEpochMs the run's first event; the others follow within seconds */
export function liveStory(startEpochMs = 1_000_000, pid = process.pid): LiveEvent[] {
  const at = (seconds: number) => startEpochMs + seconds * 1000;
  const tasks = ["dataset", "train/latency", "measure/auto/latency"];
  const epoch = (number: number, loss: number): LiveEvent => ({
    type: "epoch",
    epochMs: at(3 + number),
    label: "head",
    epoch: number,
    figures: { loss, accuracy: 1 - loss / 2, validationLoss: loss * 1.2, validationAccuracy: 1 - loss / 1.8 },
  });
  const head = { type: "step", label: "head", total: 2, unit: "epochs", isFinished: false } as const;
  return [
    { type: "run", epochMs: at(0), name: "story", pid, tasks },
    { type: "task", epochMs: at(0), id: "dataset", state: "running", seconds: null },
    { type: "task", epochMs: at(2), id: "dataset", state: "done", seconds: 2 },
    { type: "task", epochMs: at(2), id: "train/latency", state: "running", seconds: null },
    { ...head, epochMs: at(3), done: 0, detail: "" },
    epoch(1, 0.8),
    epoch(2, 0.5),
    { ...head, epochMs: at(5), done: 2, detail: "loss 0.500" },
    { type: "task", epochMs: at(6), id: "train/latency", state: "done", seconds: 4 },
    { type: "task", epochMs: at(6), id: "measure/auto/latency", state: "running", seconds: null },
    { type: "measurement", epochMs: at(7), id: "auto/latency", load: "siege -c 20 -d 1" },
    platformAt(at(8)),
    { type: "load", epochMs: at(9), seconds: 1, okay: 40, failed: 0, meanResponseMs: 55 },
    { type: "load", epochMs: at(10), seconds: 1, okay: 60, failed: 3, meanResponseMs: 80 },
    {
      type: "resources",
      epochMs: at(10),
      replicas: 2,
      readyReplicas: 1,
      cpuRequestCores: 0.8,
      cpuLimitCores: 2,
      cpuUseCores: 0.6,
      memoryRequestBytes: gib,
      memoryLimitBytes: 2 * gib,
      memoryUseBytes: gib / 2,
    },
    { type: "log", epochMs: at(10), line: "auto/latency: <b>2 of 3</b> replicas" },
    { type: "task", epochMs: at(11), id: "measure/auto/latency", state: "done", seconds: 5 },
    { type: "end", epochMs: at(11), outcome: "done" },
  ];
}

function platformAt(epochMs: number): LiveEvent {
  return {
    type: "platform",
    epochMs,
    replicas: [
      { name: "latency-1", node: "node1", state: "ready" },
      { name: "latency-2", node: "node2", state: "starting" },
      { name: "latency-3", node: null, state: "pending" },
    ],
    nodes: ["node1", "node2"].map((node) => ({
      node,
      capacity: { cpuMillis: 4000, memoryBytes: 8 * gib },
      requests: { cpuMillis: 805, memoryBytes: gib },
    })),
  };
}
