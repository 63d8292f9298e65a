/** What a run tells while it works: one line of live.jsonl each. A page reads them; nothing is measured from them. */
import { z } from "zod";

const epochMs = z.number();
const amounts = z.object({ cpuMillis: z.number(), memoryBytes: z.number() });

export const taskStates = ["waiting", "running", "done", "upToDate", "failed"] as const;

const replica = z.object({
  name: z.string(),
  /** Null while Pending. */
  node: z.string().nullable(),
  state: z.enum(["pending", "starting", "ready", "unready", "ending"]),
});

export const liveEvent = z.discriminatedUnion("type", [
  /** The process that runs it; when it is gone without an end, it was killed. */
  z.object({ type: z.literal("run"), epochMs, name: z.string(), pid: z.int(), tasks: z.array(z.string()) }),
  z.object({
    type: z.literal("task"),
    epochMs,
    id: z.string(),
    state: z.enum(taskStates),
    seconds: z.number().nullable(),
  }),
  z.object({
    type: z.literal("step"),
    epochMs,
    label: z.string(),
    done: z.number(),
    total: z.number(),
    unit: z.string(),
    detail: z.string(),
    isFinished: z.boolean(),
  }),
  /** Figures of one epoch: loss, accuracy, validationLoss, validationAccuracy (0..1). */
  z.object({
    type: z.literal("epoch"),
    epochMs,
    label: z.string(),
    epoch: z.number(),
    figures: z.record(z.string(), z.number()),
  }),
  z.object({ type: z.literal("measurement"), epochMs, id: z.string(), load: z.string() }),
  z.object({
    type: z.literal("platform"),
    epochMs,
    replicas: z.array(replica),
    nodes: z.array(z.object({ node: z.string(), capacity: amounts, requests: amounts })),
  }),
  /** What the load generator saw since the event before. */
  z.object({
    type: z.literal("load"),
    epochMs,
    seconds: z.number(),
    okay: z.int(),
    failed: z.int(),
    /** Of the answers of this time; null where there was none. */
    meanResponseMs: z.number().nullable(),
  }),
  z.object({
    type: z.literal("resources"),
    epochMs,
    replicas: z.number(),
    readyReplicas: z.number(),
    cpuRequestCores: z.number(),
    cpuLimitCores: z.number(),
    cpuUseCores: z.number().nullable(),
    memoryRequestBytes: z.number(),
    memoryLimitBytes: z.number(),
    memoryUseBytes: z.number().nullable(),
  }),
  z.object({ type: z.literal("log"), epochMs, line: z.string() }),
  z.object({ type: z.literal("end"), epochMs, outcome: z.enum(["done", "failed", "interrupted"]) }),
]);

export type LiveEvent = z.output<typeof liveEvent>;
export type LiveReplica = z.output<typeof replica>;
export type TaskState = (typeof taskStates)[number];
/** Takes an event; telling must never fail or hold up what is told about. */
export type Tell = (event: LiveEvent) => void;
