/** Deployments and the place they run on. */
import { z } from "zod";
import { cpuQuantity, durationQuantity, memoryQuantity, resources, slug } from "./quantities.ts";

const autoscaling = z.strictObject({
  minReplicas: z.int().min(1).default(2).describe("Fewest replicas"),
  maxReplicas: z.int().min(1).default(10).describe("Most replicas"),
  targetCpuPercent: z
    .int()
    .min(1)
    .max(1000)
    .default(60)
    .describe("Mean CPU use of ready replicas, in % of their request"),
});

export const deployment = z.strictObject({
  name: slug.describe("Name, used for files"),
  shape: z.enum(["single", "max", "autoscaled"]).describe("single: one replica; max: as many as fit; autoscaled"),
  candidates: z.array(slug).min(1).describe("Candidates to deploy so, one after the other"),
  target: z
    .enum(["local", "kubernetes"])
    .default("local")
    .describe("Where: this machine's embedded platform or a cluster"),
  requests: resources.describe("What each replica reserves; it is paid for, used or not"),
  limits: resources.describe("What each replica may use at most"),
  replicas: z
    .int()
    .min(1)
    .max(200)
    .default(20)
    .describe("Replicas that shape max asks for; what does not fit stays Pending"),
  autoscaling: autoscaling.prefault({}).describe("Bounds and target of shape autoscaled"),
  load: slug.describe("Load scenario to drive against it"),
});

const node = z.strictObject({
  name: slug.describe("Node name"),
  cpu: cpuQuantity.describe("CPU that the node presents"),
  memory: memoryQuantity.describe("Memory that the node presents"),
});

export const platform = z.strictObject({
  nodes: z
    .array(node)
    .min(1)
    .prefault([
      { name: "node1", cpu: "4", memory: "8Gi" },
      { name: "node2", cpu: "4", memory: "8Gi" },
      { name: "node3", cpu: "4", memory: "8Gi" },
    ])
    .describe("Declared nodes; requests are packed into them. Room for scheduling, not real cores"),
  systemPods: z
    .strictObject({
      requests: resources.prefault({ cpu: "405m", memory: "432730Ki" }).describe("Their requests on each node"),
      limits: resources.prefault({ cpu: "1400m", memory: "1175430400" }).describe("Their limits on each node"),
    })
    .prefault({})
    .describe("Pods of the system on each node; they take room from replicas (the original's figures)"),
});

/** Periods of the autoscaler, in seconds before time scaling; defaults are Kubernetes'. */
export const autoscalerTiming = z.strictObject({
  syncPeriod: durationQuantity.prefault("15s").describe("Between decisions"),
  metricsPeriod: durationQuantity.prefault("15s").describe("Window of a CPU sample"),
  downscaleStabilization: durationQuantity.prefault("300s").describe("Highest recommendation of this window counts"),
  initialReadinessDelay: durationQuantity
    .prefault("30s")
    .describe("After a start, unready replicas count as not started"),
  cpuInitializationPeriod: durationQuantity.prefault("300s").describe("After a start, CPU samples need care"),
  tolerance: z.number().min(0).max(1).default(0.1).describe("Ratio of use to target within 1 ± this changes nothing"),
});

export type Deployment = z.output<typeof deployment>;
export type Platform = z.output<typeof platform>;
export type AutoscalerTiming = z.output<typeof autoscalerTiming>;
export type Resources = z.output<typeof resources>;
