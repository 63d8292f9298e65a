/** `fulcrum deploy`: a model on this machine's embedded platform, in the foreground. */
import { once } from "node:events";
import { z } from "zod";
import { autoscalerTiming, platform } from "../../config/deployment.ts";
import { cpuQuantity, memoryQuantity } from "../../config/quantities.ts";
import { FulcrumError } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Deploy a model behind a load balancer: single, max-size or autoscaled",
  description:
    "Starts replicas of the service on this machine behind a load balancer, packs their requests into three declared " +
    "nodes of 4 CPUs and 8 GiB (what does not fit is Pending), enforces limits with cgroups where that is possible, " +
    "and autoscales with the HorizontalPodAutoscaler's algorithm. Runs until Ctrl-C.",
  arguments: [{ usage: "<model>", description: "Model file" }],
  options: z.object({
    target: z.enum(["local", "kubernetes"]).default("local").describe("Where to deploy"),
    shape: z.enum(["single", "max", "autoscaled"]).default("single").describe("Shape of the deployment"),
    requestsCpu: cpuQuantity.prefault("1000m").describe("CPU that each replica reserves"),
    requestsMemory: memoryQuantity.prefault("2Gi").describe("Memory that each replica reserves"),
    limitsCpu: cpuQuantity.prefault("2000m").describe("CPU that each replica may use"),
    limitsMemory: memoryQuantity.prefault("4Gi").describe("Memory that each replica may use"),
    replicas: z.int().min(1).default(20).describe("Replicas that shape max asks for"),
    min: z.int().min(1).default(2).describe("Fewest replicas of shape autoscaled"),
    max: z.int().min(1).default(10).describe("Most replicas of shape autoscaled"),
    targetCpu: z.int().min(1).default(60).describe("CPU target of shape autoscaled, % of the request"),
    port: z.int().min(0).max(65535).default(8080).describe("Port of the load balancer; 0 for any"),
  }),
  examples: [
    "fulcrum deploy model.onnx",
    "fulcrum deploy model.onnx --shape autoscaled --requests-cpu 200m --requests-memory 512Mi --min 2 --max 8",
  ],
  async run({ args, options, io }) {
    if (options.target !== "local")
      throw new FulcrumError("DEPLOY_TARGET_UNKNOWN", { target: options.target, allowed: "local" });
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
    });
    try {
      await deployment.waitReady(120, io.signal);
      const { asked, ready, pending, enforcement } = deployment.snapshot();
      io.print(
        `${deployment.url}: ${ready} of ${asked} replicas ready (limits: ${enforcement.reason ?? enforcement.cpu})`,
      );
      io.print(`state: ${deployment.adminUrl}/fulcrum/state`);
      for (const { replica, reason } of pending) io.print(`${replica}: Pending: ${reason}`);
      io.json({ url: deployment.url, adminUrl: deployment.adminUrl, ...deployment.snapshot() });
      if (!io.signal.aborted) await once(io.signal, "abort");
    } finally {
      await deployment.stop();
    }
    return 0;
  },
});
