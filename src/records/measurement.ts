/** The record of one deployment of one candidate under one load. Raw hits and samples lie in files beside it. */
import { z } from "zod";
import { defineRecord } from "./record.ts";

const amounts = z.object({ cpuMillis: z.number(), memoryBytes: z.number() });

/** What siege prints at the end of a run, with finer figures beside its rounded ones. */
export const loadSummary = z.object({
  /** Completed requests, failed ones not counted (siege: Transactions). */
  transactions: z.int(),
  okay: z.int(),
  failed: z.int(),
  /** okay / (okay + failed), 0..1; null when nothing was sent. */
  availability: z.number().nullable(),
  elapsedSeconds: z.number(),
  bytes: z.number(),
  transactionRatePerSecond: z.number(),
  /** Mean of users busy with a request (siege: Concurrency). */
  concurrency: z.number(),
  responseMs: z
    .object({ mean: z.number(), p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() })
    .nullable(),
  /** Latency from the scheduled start, for open loops: queueing in the client included. */
  scheduledMs: z
    .object({ mean: z.number(), p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() })
    .nullable(),
});

/** One run of a series (a minute of the original), as a row of load_output.csv. */
export const loadRow = z.object({
  /** Start of the run in seconds after the series' start, unscaled time of this machine. */
  startSeconds: z.number(),
  users: z.int(),
  delaySeconds: z.number(),
  summary: loadSummary,
});

/** A row of resource_usage.csv. */
export const resourceSample = z.object({
  /** Milliseconds since the Unix epoch. */
  epochMs: z.number(),
  /** Replicas that are Running. */
  replicas: z.int(),
  readyReplicas: z.int(),
  cpuRequestCores: z.number(),
  memoryRequestBytes: z.number(),
  cpuLimitCores: z.number(),
  memoryLimitBytes: z.number(),
  /** Null where the cluster's metrics told of no pod, though pods were Running. */
  cpuUseCores: z.number().nullable(),
  /** As above. */
  memoryUseBytes: z.number().nullable(),
});

/** Something that happened on the platform: a scale decision, a start, an end. */
export const platformEvent = z.object({
  epochMs: z.number(),
  kind: z.enum(["scale", "started", "ready", "unready", "stopped", "crashed", "pending", "scheduled", "node"]),
  replica: z.string().nullable(),
  detail: z.string(),
});

const nodeTotals = z.object({
  node: z.string(),
  capacity: amounts,
  /** Sums over the replicas on the node and the system pods, as `kubectl describe node` shows them. */
  requests: amounts,
  limits: amounts,
  replicas: z.int(),
});

const measurement = z.object({
  deployment: z.string(),
  candidate: z.string(),
  shape: z.enum(["single", "max", "autoscaled"]),
  target: z.enum(["local", "kubernetes"]),
  /** Where a deployment of target kubernetes ran. */
  cluster: z
    .object({
      server: z.string(),
      context: z.string(),
      namespace: z.string(),
      version: z.string(),
      image: z.string(),
    })
    .optional(),
  modelSha256: z.string(),
  pod: z.object({ requests: amounts, limits: amounts }),
  /** How limits were enforced: "cgroup-v1", "cgroup-v2", or "none" with the reason. */
  enforcement: z.object({ cpu: z.string(), memory: z.string(), reason: z.string().nullable() }),
  systemPods: z.object({ requests: amounts, limits: amounts }),
  asked: z.int(),
  /** Replicas Running and ready when the load began. */
  running: z.int(),
  pending: z.array(z.object({ replica: z.string(), reason: z.string() })),
  nodes: z.array(nodeTotals),
  /** Seconds from start to ready, a value a replica that was started. */
  readySeconds: z.array(z.number()),
  autoscaling: z.object({ minReplicas: z.int(), maxReplicas: z.int(), targetCpuPercent: z.number() }).nullable(),
  load: z.object({
    name: z.string(),
    /** In words and in siege's flags: "siege -c 10 -t 60s". */
    description: z.string(),
    url: z.string(),
    timeScale: z.number(),
  }),
  startedAt: z.string(),
  summary: loadSummary,
  rows: z.array(loadRow),
  samples: z.array(resourceSample),
  events: z.array(platformEvent),
  /** Raw files beside the record, by what they hold. */
  files: z.record(z.string(), z.string()),
});

export type LoadSummary = z.output<typeof loadSummary>;
export type LoadRow = z.output<typeof loadRow>;
export type ResourceSample = z.output<typeof resourceSample>;
export type PlatformEvent = z.output<typeof platformEvent>;
export type Measurement = z.output<typeof measurement>;
export const measurementRecord = defineRecord("measurement", 1, measurement);
