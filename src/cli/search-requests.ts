/** `fulcrum deploy --shape max --search`: requests and pods that serve most, found by trying them on the cluster. */
import type { Cluster } from "../cluster/index.ts";
import type { Resources } from "../config/deployment.ts";
import { loadScenario } from "../config/load.ts";
import {
  applyRecipe,
  type Recipe,
  serviceUrl,
  snapshotCluster,
  waitForRecipe,
  waitUntilAnswering,
} from "../deploy/index.ts";
import { exitCodes, FulcrumError } from "../errors/index.ts";
import { runSeries } from "../load/index.ts";
import { renderCapacity } from "./capacity-text.ts";
import type { VerbIo } from "./verb.ts";
import type { DeployFlags } from "./verbs/deploy.ts";

const users = 10;
const seconds = 10;
const smallestCpuMillis = 100;

export interface Trial {
  readonly requests: Resources;
  readonly running: number;
  readonly pending: number;
  readonly requestsPerSecond: number;
  readonly meanMs: number | null;
  readonly failed: number;
}

/** CPU requests that are tried: the given one, then half of it, and so on. */
export function trialRequests({ cpuMillis, memoryBytes }: Resources): Resources[] {
  const trials: Resources[] = [];
  for (let cpu = cpuMillis; cpu >= Math.min(smallestCpuMillis, cpuMillis); cpu = Math.floor(cpu / 2)) {
    trials.push({ cpuMillis: cpu, memoryBytes });
  }
  return trials;
}

/**
 * The one that served most, among those without failures where there are such; fewer requests of CPU win a tie.
 * undefined where none was answered.
 */
export function bestTrial(trials: readonly Trial[]): Trial | undefined {
  const reserved = ({ requests, running }: Trial) => requests.cpuMillis * running;
  const answered = trials.filter(({ requestsPerSecond }) => requestsPerSecond > 0);
  return answered.toSorted(
    (a, b) =>
      Number(a.failed > 0) - Number(b.failed > 0) ||
      b.requestsPerSecond - a.requestsPerSecond ||
      reserved(a) - reserved(b),
  )[0];
}

export async function searchRequests(
  cluster: Cluster,
  recipe: Recipe,
  options: DeployFlags,
  io: VerbIo,
): Promise<number> {
  const trials: Trial[] = [];
  for (const requests of trialRequests(recipe.requests)) {
    if (io.signal.aborted) return exitCodes.interrupted;
    const trial = await tryRequests(cluster, { ...recipe, requests }, options, io);
    trials.push(trial);
    io.print(lineOf(trial));
  }
  const url = await serviceUrl(cluster, recipe.name, { signal: io.signal });
  const best = bestTrial(trials);
  if (!best) throw new FulcrumError("SEARCH_NOTHING_ANSWERED", { name: recipe.name, url });
  io.print(`best: requests of ${best.requests.cpuMillis}m CPU, ${best.running} pods; it stays deployed`);
  const chosen = { ...recipe, requests: best.requests };
  await deployed(cluster, chosen, options, io);
  const state = await snapshotCluster(cluster, chosen);
  io.print(`${url}\n${renderCapacity(state)}`);
  io.json({ name: recipe.name, namespace: cluster.namespace, trials, best, ...state });
  return 0;
}

async function deployed(
  cluster: Cluster,
  recipe: Recipe,
  options: DeployFlags,
  { progress, signal }: VerbIo,
): Promise<void> {
  await applyRecipe({ cluster, recipe, force: options.force });
  await waitForRecipe(cluster, recipe, { timeoutSeconds: options.timeout, progress, signal });
}

async function tryRequests(cluster: Cluster, recipe: Recipe, options: DeployFlags, io: VerbIo): Promise<Trial> {
  await deployed(cluster, recipe, options, io);
  const state = await snapshotCluster(cluster, recipe);
  const scenario = loadScenario.parse({ name: "search", kind: "closed", users, duration: seconds });
  const { progress, signal } = io;
  const url = await serviceUrl(cluster, recipe.name, { signal });
  if (state.running > 0) await waitUntilAnswering({ name: recipe.name, url, signal });
  const { summary } = await runSeries({ url: `${url}/test`, scenario, seed: 1, progress, signal });
  return {
    requests: recipe.requests,
    running: state.running,
    pending: state.pending.length,
    requestsPerSecond: summary.transactionRatePerSecond,
    meanMs: summary.responseMs?.mean ?? null,
    failed: summary.failed,
  };
}

function lineOf({ requests, running, pending, requestsPerSecond, meanMs, failed }: Trial): string {
  const mean = meanMs === null ? "no answer" : `mean ${meanMs.toFixed(1)} ms`;
  return `requests ${requests.cpuMillis}m: ${running} Running, ${pending} Pending, ${requestsPerSecond.toFixed(1)} requests a second, ${mean}, ${failed} failed`;
}
