/** The service's Prometheus metrics, in a registry of their own. Durations are in seconds, as Prometheus has them. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { fulcrumVersion } from "../base/version.ts";
import type { LiveOutcome } from "./live.ts";
import type { ServedModel, WorkerUsage } from "./messages.ts";
import type { Answer } from "./pool.ts";

/** What is read when somebody asks, not counted when it happens. */
export interface LiveState {
  waiting(): number;
  readyWorkers(): number;
  isDraining(): boolean;
}

export interface Telemetry {
  requestStarted(): void;
  /** The connection is done with the request, answered or not. */
  requestEnded(): void;
  requestAnswered(route: string, method: string, status: number, seconds: number): void;
  /** The request got an error; by its code. */
  refused(code: string): void;
  photoAnswered(answer: Answer): void;
  questioned(outcome: LiveOutcome): void;
  /** `failed`: the old model serves on. */
  reloaded(outcome: "done" | "failed"): void;
  workerLost(): void;
  workerUsage(worker: number, usage: WorkerUsage): void;
  modelOpened(model: ServedModel): void;
  /** Prometheus' text format. */
  render(): Promise<{ contentType: string; text: string }>;
}

const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createTelemetry(live: LiveState): Telemetry {
  const registry = new Registry();
  const registers = [registry];
  const duration = (name: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name, help, labelNames, buckets: durationBuckets, registers });
  const requests = duration("fulcrum_request_seconds", "From the request's arrival to the end of its answer.", [
    "route",
    "method",
    "status",
  ]);
  const queue = duration("fulcrum_queue_seconds", "A photo's wait for a free worker.");
  const decode = duration("fulcrum_decode_seconds", "Decoding a photo.");
  const inference = duration("fulcrum_inference_seconds", "Preparing (resizing) a photo and running the model.");
  const batch = new Histogram({
    name: "fulcrum_batch_size",
    help: "Photos in one run of the model.",
    buckets: [1, 2, 4, 8, 16, 32],
    registers,
  });
  const inFlight = new Gauge({ name: "fulcrum_requests_in_flight", help: "Requests under way.", registers });
  const lost = new Counter({ name: "fulcrum_workers_lost_total", help: "Workers that crashed or hung.", registers });
  const refused = new Counter({
    name: "fulcrum_refused_total",
    help: "Requests that got an error, by its code.",
    labelNames: ["code"],
    registers,
  });
  const questions = new Counter({
    name: "fulcrum_questions_total",
    help: "Uploads asked for their category, and what came of it: right and wrong are the model's predictions.",
    labelNames: ["outcome"],
    registers,
  });
  const reloads = new Counter({
    name: "fulcrum_model_reloads_total",
    help: "Times that the model was replaced, or could not be.",
    labelNames: ["outcome"],
    registers,
  });
  const model = new Gauge({
    name: "fulcrum_model_info",
    help: "The model that is served; always 1.",
    labelNames: ["version", "sha256", "bases", "classes", "synthetic"],
    registers,
  });
  addLiveGauges(registers, live);
  const workerUsage = addUsage(registers);
  return {
    requestStarted: () => inFlight.inc(),
    requestEnded: () => inFlight.dec(),
    requestAnswered: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    photoAnswered: ({ queueMs, decodeMs, inferenceMs, batchSize }) => {
      batch.observe(batchSize);
      queue.observe(queueMs / 1000);
      decode.observe(decodeMs / 1000);
      inference.observe(inferenceMs / 1000);
    },
    refused: (code) => refused.inc({ code }),
    questioned: (outcome) => questions.inc({ outcome }),
    reloaded: (outcome) => reloads.inc({ outcome }),
    workerLost: () => lost.inc(),
    workerUsage,
    modelOpened: ({ bases, classes, synthetic, sha256 }) => {
      model.reset();
      const labels = { bases: bases.join("+"), classes: classes.length, synthetic: String(synthetic) };
      model.set({ version: fulcrumVersion, sha256, ...labels }, 1);
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function addLiveGauges(registers: Registry[], live: LiveState): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("fulcrum_queue_length", "Photos that wait for a free worker.", live.waiting);
  gauge("fulcrum_workers_ready", "Inference workers that have opened the model.", live.readyWorkers);
  gauge("fulcrum_draining", "1 while the service is ending.", () => Number(live.isDraining()));
}

/**
 * CPU and memory by part: the server's own are read when asked, a worker's are what it said with its last answer. A
 * replaced worker starts again from zero CPU, the counter goes on.
 */
function addUsage(registers: Registry[]): (worker: number, usage: WorkerUsage) => void {
  const labelNames = ["part"];
  const lastSeconds = new Map<string, number>();
  const advance = (part: string, seconds: number) => {
    const last = lastSeconds.get(part) ?? 0;
    cpu.inc({ part }, seconds >= last ? seconds - last : seconds);
    lastSeconds.set(part, seconds);
  };
  const cpu = new Counter({
    name: "fulcrum_cpu_seconds_total",
    help: "Processor time, user and system, of the server and of each worker.",
    labelNames,
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      advance("server", (user + system) / 1e6);
    },
  });
  const memory = new Gauge({
    name: "fulcrum_resident_memory_bytes",
    help: "Resident memory of the server and of each worker; shared pages count in each.",
    labelNames,
    registers,
    collect() {
      this.set({ part: "server" }, process.memoryUsage.rss());
    },
  });
  return (worker, { cpuSeconds, residentBytes }) => {
    const part = `worker${worker}`;
    advance(part, cpuSeconds);
    memory.set({ part }, residentBytes);
  };
}
