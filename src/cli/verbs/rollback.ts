/** `fulcrum rollback NAME`: a deployment on Kubernetes back to its revision before. */
import { z } from "zod";
import { durationQuantity } from "../../config/quantities.ts";
import { defineVerb } from "../verb.ts";
import { clusterOptions, withCluster } from "./cluster-options.ts";

export const verb = defineVerb({
  summary: "Bring a deployment on Kubernetes back to its revision before",
  description:
    "Applies the pod template of the revision before the present one and waits until it is rolled out: image, resources " +
    "and probes go back; replicas, service and autoscaler stay as they are. What somebody else has changed in the pods " +
    "since is a conflict unless --force is given.",
  arguments: [{ usage: "<name>", description: "Name of the deployment" }],
  options: clusterOptions.extend({
    timeout: durationQuantity.prefault("5m").describe("Longest wait until it is ready"),
    force: z.boolean().default(false).describe("Take over fields that somebody else manages"),
    pendingIsFine: z.boolean().default(false).describe("Pods that no node has room for are no failure (shape max)"),
  }),
  examples: ["fulcrum rollback latency"],
  async run({ args, options, io }) {
    const { rollBack, waitForRollout } = await import("../../deploy/index.ts");
    const name = args[0] as string;
    const result = await withCluster(options, async (cluster) => {
      const { image, kept } = await rollBack(cluster, name, { force: options.force });
      for (const field of kept) io.progress.note(`${name}: not as it was, somebody else manages it: ${field}`);
      const deployment = await cluster.read({ kind: "Deployment", name });
      const { ready } = await waitForRollout({
        cluster,
        name,
        asked: deployment?.spec.replicas ?? 1,
        pendingIsFine: options.pendingIsFine,
        timeoutSeconds: options.timeout,
        progress: io.progress,
        signal: io.signal,
      });
      return { name, image, ready, kept };
    });
    io.print(`${name} runs ${result.image} again, ${result.ready} pods ready`);
    io.json(result);
    return undefined;
  },
});
