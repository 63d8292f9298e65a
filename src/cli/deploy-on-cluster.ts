/** `fulcrum deploy --target kubernetes`: applies, waits, tells; with --search it tries requests and keeps the best. */
import type { Cluster } from "../cluster/index.ts";
import { loadProject } from "../config/load-project.ts";
import {
  applyRecipe,
  type Recipe,
  renderDifferences,
  serviceUrl,
  snapshotCluster,
  waitForRecipe,
} from "../deploy/index.ts";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import { renderCapacity } from "./capacity-text.ts";
import type { VerbIo } from "./verb.ts";
import { withCluster } from "./verbs/cluster-options.ts";
import type { DeployFlags } from "./verbs/deploy.ts";

/** @throws CLI_USAGE, DEPLOY_ROLLOUT_FAILED and what the cluster throws */
export function deployOnCluster(model: string | undefined, options: DeployFlags, io: VerbIo): Promise<number> {
  if (model !== undefined) {
    const problem = `A cluster runs the model of its --image; make one with \`fulcrum image build ${model}\`.`;
    throw new FulcrumError("CLI_USAGE", { problem, verb: "deploy" });
  }
  return withCluster(options, async (cluster) => {
    const recipe = await recipeOf(options, cluster.namespace);
    if (options.search) {
      const { searchRequests } = await import("./search-requests.ts");
      return searchRequests(cluster, recipe, options, io);
    }
    const { differences, warnings } = await applyRecipe({
      cluster,
      recipe,
      dryRun: options.dryRun,
      force: options.force,
    });
    for (const warning of warnings) io.progress.note(`warning of the API server: ${warning}`);
    if (options.dryRun) {
      io.print(renderDifferences(differences));
      io.json({ dryRun: true, differences, warnings });
      return 0;
    }
    await waitForRecipe(cluster, recipe, { timeoutSeconds: options.timeout, progress: io.progress, signal: io.signal });
    await tell(cluster, recipe, options, io);
    return 0;
  });
}

async function recipeOf(options: DeployFlags, namespace: string): Promise<Recipe> {
  const usage = (problem: string) => new FulcrumError("CLI_USAGE", { problem, verb: "deploy" });
  if (options.image === undefined) throw usage("--target kubernetes needs an --image.");
  if (options.search && options.shape !== "max") throw usage("--search is for --shape max.");
  if (options.min > options.max) throw usage("--min is above --max.");
  return {
    name: options.name ?? "fulcrum",
    namespace,
    image: options.image,
    shape: options.shape,
    requests: { cpuMillis: options.requestsCpu, memoryBytes: options.requestsMemory },
    limits: { cpuMillis: options.limitsCpu, memoryBytes: options.limitsMemory },
    replicas: options.replicas,
    autoscaling: { minReplicas: options.min, maxReplicas: options.max, targetCpuPercent: options.targetCpu },
    service: options.service,
    patches: options.config === undefined ? [] : (await loadProject(options.config)).project.kubernetes.patches,
  };
}

async function tell(cluster: Cluster, recipe: Recipe, options: DeployFlags, io: VerbIo): Promise<void> {
  const address = await addressInWords(cluster, recipe.name, options, io);
  const state = await snapshotCluster(cluster, recipe);
  io.print(`${address}  (${state.ready} of ${state.asked} pods ready)`);
  if (recipe.shape === "max") io.print(renderCapacity(state));
  io.json({ name: recipe.name, namespace: cluster.namespace, ...state });
}

/** The pods are ready whether or not somebody outside finds them: no address is news, not a failure. */
async function addressInWords(cluster: Cluster, name: string, options: DeployFlags, io: VerbIo): Promise<string> {
  try {
    return await serviceUrl(cluster, name, { timeoutSeconds: options.timeout, signal: io.signal });
  } catch (error) {
    if (!isFulcrumError(error, "DEPLOY_NO_ADDRESS")) throw error;
    return error.message;
  }
}
