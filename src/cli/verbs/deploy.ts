/** `fulcrum deploy MODEL`: a model on this machine's embedded platform, in the foreground until Ctrl-C. */
import { once } from "node:events";
import { z } from "zod";
import { autoscalerTiming, platform } from "../../config/deployment.ts";
import { cpuQuantity, memoryQuantity } from "../../config/quantities.ts";
import type { LocalDeployment } from "../../deploy/index.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { PlatformEvent } from "../../records/measurement.ts";
import { defineVerb, type VerbIo } from "../verb.ts";

const readyTimeoutSeconds = 120;

export const verb = defineVerb({
  summary: "Deploy a model behind a load balancer: single, max-size or autoscaled",
  description:
    "Starts replicas of the service on this machine behind a load balancer, packs their requests into three declared " +
    "nodes of 4 CPUs and 8 GiB (what does not fit is Pending), enforces limits with cgroups where that is possible, " +
    "and autoscales with the HorizontalPodAutoscaler's algorithm. Runs until Ctrl-C, then drains. " +
    "`fulcrum monitor` watches it by its state address.",
  arguments: [
    { usage: "<model>", description: "Model file, as train writes it (runs/NAME/train/CANDIDATE/model.onnx)" },
  ],
  options: z.object({
    target: z.enum(["local", "kubernetes"]).default("local").describe("Where to deploy; kubernetes comes later"),
    shape: z.enum(["single", "max", "autoscaled"]).default("single").describe("Shape of the deployment"),
    requestsCpu: cpuQuantity.prefault("1000m").describe("CPU that each replica reserves"),
    requestsMemory: memoryQuantity.prefault("2Gi").describe("Memory that each replica reserves"),
    limitsCpu: cpuQuantity.prefault("2000m").describe("CPU that each replica may use"),
    limitsMemory: memoryQuantity.prefault("4Gi").describe("Memory that each replica may use"),
    replicas: z.int().min(1).max(200).default(20).describe("Replicas that shape max asks for"),
    min: z.int().min(1).default(2).describe("Fewest replicas of shape autoscaled"),
    max: z.int().min(1).default(10).describe("Most replicas of shape autoscaled"),
    targetCpu: z.int().min(1).max(1000).default(60).describe("CPU target of shape autoscaled, % of the request"),
    port: z.int().min(0).max(65535).default(8080).describe("Port of the load balancer; 0 for any"),
  }),
  examples: [
    "fulcrum deploy model.onnx",
    "fulcrum deploy model.onnx --shape max --replicas 20 --requests-cpu 500m --requests-memory 1Gi",
    "fulcrum deploy model.onnx --shape autoscaled --requests-cpu 200m --requests-memory 512Mi --min 2 --max 8",
  ],
  async run({ args, options, io }) {
    if (options.target !== "local") {
      throw new FulcrumError("DEPLOY_TARGET_UNKNOWN", { target: options.target, allowed: "local" });
    }
    const { startLocalDeployment } = await import("../../deploy/index.ts");
    const deployment = await startLocalDeployment({
      modelPath: args[0] as string,
      deployment: {
        shape: options.shape,
        requests: { cpuMillis: options.requestsCpu, memoryBytes: options.requestsMemory },
        limits: { cpuMillis: options.limitsCpu, memoryBytes: options.limitsMemory },
        replicas: options.replicas,
        autoscaling: { minReplicas: options.min, maxReplicas: options.max, targetCpuPercent: options.targetCpu },
      },
      platform: platform.parse({}),
      autoscaler: autoscalerTiming.parse({}),
      timeScale: 1,
      port: options.port,
      onEvent: (event) => io.progress.note(lineOf(event)),
    });
    try {
      await deployment.waitReady(readyTimeoutSeconds, io.signal);
      tell(deployment, io);
      if (!io.signal.aborted) await once(io.signal, "abort");
    } finally {
      await deployment.stop();
    }
    return 0;
  },
});

function lineOf({ epochMs, kind, replica, detail }: PlatformEvent): string {
  return `${new Date(epochMs).toISOString().slice(11, 19)} ${replica ?? "deployment"} ${kind}: ${detail}`;
}

function tell({ url, adminUrl, snapshot }: LocalDeployment, io: VerbIo): void {
  const state = snapshot();
  const { enforcement } = state;
  const limits = enforcement.reason === null ? `enforced by ${enforcement.cpu}` : `not enforced: ${enforcement.reason}`;
  io.print(`${url}  (${state.ready} of ${state.asked} replicas ready; limits ${limits})`);
  io.print(`state: ${adminUrl}/fulcrum/state`);
  for (const { replica, reason } of state.pending) io.print(`${replica} Pending: ${reason}`);
  io.json({ url, adminUrl, ...state });
}
