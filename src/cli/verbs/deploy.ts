/** `fulcrum deploy MODEL`: a model on this machine's embedded platform, or on a Kubernetes cluster. */
import { z } from "zod";
import { serviceTypes } from "../../config/kubernetes.ts";
import { cpuQuantity, durationQuantity, memoryQuantity } from "../../config/quantities.ts";
import { defineVerb } from "../verb.ts";
import { clusterOptions } from "./cluster-options.ts";

const options = clusterOptions.extend({
  target: z.enum(["local", "kubernetes"]).default("local").describe("Where to deploy"),
  shape: z.enum(["single", "max", "autoscaled"]).default("single").describe("Shape of the deployment"),
  requestsCpu: cpuQuantity.prefault("1000m").describe("CPU that each replica reserves"),
  requestsMemory: memoryQuantity.prefault("2Gi").describe("Memory that each replica reserves"),
  limitsCpu: cpuQuantity.prefault("2000m").describe("CPU that each replica may use"),
  limitsMemory: memoryQuantity.prefault("4Gi").describe("Memory that each replica may use"),
  replicas: z.int().min(1).max(200).default(20).describe("Replicas that shape max asks for"),
  min: z.int().min(1).default(2).describe("Fewest replicas of shape autoscaled"),
  max: z.int().min(1).default(10).describe("Most replicas of shape autoscaled"),
  targetCpu: z.int().min(1).max(1000).default(60).describe("CPU target of shape autoscaled, % of the request"),
  port: z.int().min(0).max(65535).default(8080).describe("Local: port of the load balancer; 0 for any"),
  name: z.string().optional().describe("Kubernetes: name of the objects (fulcrum where not given)"),
  image: z.string().optional().describe("Kubernetes: image with the service and its model"),
  config: z.string().optional().describe("Kubernetes: project file whose kubernetes.patches change the objects"),
  service: z.enum(serviceTypes).default("NodePort").describe("Kubernetes: how requests get in"),
  dryRun: z.boolean().default(false).describe("Kubernetes: show what would change, change nothing"),
  force: z.boolean().default(false).describe("Kubernetes: take over fields that somebody else manages"),
  search: z.boolean().default(false).describe("Kubernetes, shape max: find the requests that serve most, by trying"),
  timeout: durationQuantity.prefault("5m").describe("Kubernetes: longest wait until the pods are ready"),
});
export type DeployFlags = z.output<typeof options>;

export const verb = defineVerb({
  summary: "Deploy a model behind a load balancer: single, max-size or autoscaled",
  description:
    "On this machine (--target local): starts replicas of the service behind a load balancer, packs their requests into " +
    "three declared nodes of 4 CPUs and 8 GiB (what does not fit is Pending), enforces limits with cgroups where that is " +
    "possible, and autoscales with the HorizontalPodAutoscaler's algorithm. Runs until Ctrl-C, then drains. " +
    "`fulcrum monitor` watches it by its state address.\n\n" +
    "On a cluster (--target kubernetes): applies standard objects by server-side apply, waits until the pods are ready and " +
    "says what holds them up, prints the URL and returns. Flags alone say what is deployed; of a project file only " +
    "kubernetes.patches are taken, and only where --config names it. Applying again updates without losing requests; `fulcrum " +
    "rollback` and `fulcrum undeploy` go back. With --search, requests for CPU are halved step by step and each step is " +
    "measured under ten users for ten seconds; the best one stays deployed.",
  arguments: [
    {
      usage: "[model]",
      description:
        "Model file, as train writes it (runs/NAME/train/CANDIDATE/model.onnx); on a cluster the image holds it",
    },
  ],
  options,
  examples: [
    "fulcrum deploy model.onnx",
    "fulcrum deploy model.onnx --shape max --replicas 20 --requests-cpu 500m --requests-memory 1Gi",
    "fulcrum deploy model.onnx --shape autoscaled --requests-cpu 200m --requests-memory 512Mi --min 2 --max 8",
    "fulcrum deploy --target kubernetes --image registry.example.org/food:1 --name latency --dry-run",
    "fulcrum deploy --target kubernetes --image registry.example.org/food:1 --name latency --shape max --search",
  ],
  async run({ args, options, io }) {
    const model = args[0] as string | undefined;
    if (options.target === "local") return (await import("../deploy-locally.ts")).deployLocally(model, options, io);
    return (await import("../deploy-on-cluster.ts")).deployOnCluster(model, options, io);
  },
});
