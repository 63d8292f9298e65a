/** `fulcrum undeploy NAME`: takes a deployment off a Kubernetes cluster. */
import { defineVerb } from "../verb.ts";
import { clusterOptions, withCluster } from "./cluster-options.ts";

export const verb = defineVerb({
  summary: "Remove a deployment from Kubernetes",
  description:
    "Removes exactly the objects that `fulcrum deploy --target kubernetes` made under this name, found by their labels; " +
    "objects of the same name that fulcrum did not make stay.",
  arguments: [{ usage: "<name>", description: "Name of the deployment" }],
  options: clusterOptions,
  examples: ["fulcrum undeploy latency", "fulcrum undeploy latency --context test --namespace food"],
  async run({ args, options, io }) {
    const { removeDeployment } = await import("../../deploy/index.ts");
    const removed = await withCluster(options, (cluster) => removeDeployment(cluster, args[0] as string));
    for (const object of removed) io.print(`removed ${object}`);
    io.json({ removed });
    return undefined;
  },
});
