/** `fulcrum load`: a load from here, or from a Job inside a Kubernetes cluster. */
import { z } from "zod";
import { exitCodes, FulcrumError } from "../../errors/index.ts";
import { defineVerb, type VerbIo } from "../verb.ts";
import { clusterOptions, withCluster } from "./cluster-options.ts";
import { verb as here, loadOptions, scenarioOf, tellLoad } from "./load-here.ts";

const options = loadOptions.extend({
  ...clusterOptions.shape,
  inCluster: z.boolean().default(false).describe("Kubernetes: send from a Job in the cluster; no hits.jsonl then"),
  image: z.string().optional().describe("Image of the Job of --in-cluster, as that of the deployment"),
  name: z.string().default("fulcrum").describe("The Job of --in-cluster is called NAME-load"),
});
type Flags = z.output<typeof options>;

export const verb = defineVerb({
  ...here,
  description: `${here.description} With --in-cluster the requests come from a Job of fulcrum's own image in the cluster.`,
  options,
  examples: [
    ...here.examples,
    "fulcrum load http://latency/test --in-cluster --image registry.example.org/food:1 -c 10 -t 60s",
  ],
  async run(input) {
    const { args, options, io } = input;
    return options.inCluster ? loadInside(args[0] as string, options, io) : here.run(input);
  },
});

/** From a Job of the cluster. @throws CLI_USAGE for flags that a Job cannot follow */
async function loadInside(address: string, options: Flags, io: VerbIo): Promise<number | undefined> {
  const usage = (problem: string) => new FulcrumError("CLI_USAGE", { problem, verb: "load" });
  const { image, name, timeScale, seed, post, out, keepAlive, timeout: timeoutSeconds } = options;
  if (image === undefined) throw usage("--in-cluster needs an --image.");
  if (post !== undefined) throw usage("--post is not possible with --in-cluster.");
  const { loadFromCluster } = await import("../../load/in-cluster.ts");
  const { parseLoadUrl, writeLoadFiles } = await import("../../load/index.ts");
  const url = parseLoadUrl(address);
  const scenario = await scenarioOf(options);
  const { progress, signal } = io;
  const how = { timeScale, seed, keepAlive, timeoutSeconds, progress, signal };
  const result = await withCluster(options, (cluster) =>
    loadFromCluster({ cluster, name, image, url: url.href, scenario, ...how }),
  );
  if (out !== undefined) await writeLoadFiles(out, result);
  await tellLoad(result, io.print);
  io.json({ url: url.href, ...result });
  return result.summary.transactions > 0 ? undefined : exitCodes.failure;
}
