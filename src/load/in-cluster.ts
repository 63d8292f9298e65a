/**
 * Drives a load from inside a cluster: a Job of fulcrum's own image runs `fulcrum load`, and its log brings the figures
 * back. It is no part of load/index.ts, so that an image that drives loads holds nothing of Kubernetes. The raw record of every request (hits.jsonl) stays in the Job: a log is no place for it.
 */
import { type Clock, systemClock } from "../base/clock.ts";
import { problemOf } from "../base/files.ts";
import { noProgress, type Progress } from "../base/progress.ts";
import { type Cluster, type Job, type KubeObject, labelsOf, type Pod } from "../cluster/index.ts";
import type { LoadScenario } from "../config/load.ts";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import type { LoadResult } from "./account.ts";
import { runsOf } from "./plan.ts";

export interface ClusterLoadOptions {
  readonly cluster: Cluster;
  /** Of the deployment that is loaded; the Job is NAME-load. */
  readonly name: string;
  /** An image of fulcrum, as that of the deployment. */
  readonly image: string;
  readonly url: string;
  readonly scenario: LoadScenario;
  readonly timeScale?: number | undefined;
  readonly seed: string | number;
  readonly keepAlive?: boolean;
  /** A request without a byte for this long has failed. */
  readonly timeoutSeconds?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

const scenarioDir = "/scenario";
const scenarioFile = "load.json";
/** For the image to come and the pod to start, beyond the load itself. */
const startSeconds = 180;
const pollMs = 1000;
/** An API server that restarts is waited for so long: the Job goes on without it. */
const patienceMs = 120_000;

/**
 * Runs the Job, waits for it and removes it, whatever happens.
 * @throws LOAD_JOB_FAILED, and what the cluster throws
 */
export async function loadFromCluster(options: ClusterLoadOptions): Promise<LoadResult> {
  const { cluster, signal, progress = noProgress } = options;
  const objects = buildLoadJob(options, cluster.namespace);
  const name = objects[0]!.metadata.name;
  const seconds = runsOf(options.scenario, options.timeScale).reduce((sum, run) => sum + run.durationSeconds, 0);
  progress.note(`load from inside the cluster: job ${name}, ${Math.round(seconds)} s`);
  try {
    await remove(cluster, name); // of a run that was killed
    for (const object of objects) await cluster.apply(object, signal ? { signal } : {});
    const job = await jobEnd(options, name, seconds + startSeconds);
    return await throughRestarts(options, () => figuresOf(cluster, job));
  } finally {
    await throughRestarts(options, () => remove(cluster, name)).catch((error: unknown) => {
      progress.note(`job ${name} is left to the cluster, which removes it: ${problemOf(error)}`);
    });
  }
}

/** A ConfigMap with the scenario, and the Job that reads it. Pure. */
export function buildLoadJob(options: ClusterLoadOptions, namespace: string): KubeObject[] {
  const { image, url, scenario, timeScale, seed, keepAlive = false, timeoutSeconds } = options;
  const name = `${options.name}-load`;
  const metadata = { name, namespace, labels: labelsOf(name) };
  const file = timeScale === undefined || scenario.kind !== "series" ? scenario : { ...scenario, timeScale };
  const args = [
    ...["load", url, "--scenario", `${scenarioDir}/${scenarioFile}`, "--seed", String(seed)],
    ...(keepAlive ? ["--keep-alive"] : []),
    ...(timeoutSeconds === undefined ? [] : ["--timeout", `${timeoutSeconds}s`]),
    "--json",
  ];
  const container = {
    name: "load",
    image,
    args,
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [{ name: "scenario", mountPath: scenarioDir, readOnly: true }],
  };
  const spec = {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    containers: [container],
    volumes: [{ name: "scenario", configMap: { name } }],
  };
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [scenarioFile]: JSON.stringify(file) } },
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata,
      spec: { backoffLimit: 0, ttlSecondsAfterFinished: 600, template: { metadata: { labels: labelsOf(name) }, spec } },
    },
  ];
}

/** Complete or failed: a load without an answer fails and has its figures all the same, so the log decides. */
async function jobEnd(options: ClusterLoadOptions, name: string, limitSeconds: number): Promise<Job> {
  const { cluster, signal, clock = systemClock } = options;
  const endMs = clock.nowMs() + limitSeconds * 1000;
  for (;;) {
    const job = await throughRestarts(options, () => cluster.read({ kind: "Job", name }));
    if (!job) throw new FulcrumError("LOAD_JOB_FAILED", { problem: "somebody removed the job" });
    const isOver = job.status?.conditions?.some(
      ({ type, status }) => status === "True" && /^(Complete|Failed)$/.test(type),
    );
    if (isOver) return job;
    if (clock.nowMs() >= endMs) {
      const problem = `it did not end within ${Math.round(limitSeconds)} s; ${await lastWords(cluster, job)}`;
      throw new FulcrumError("LOAD_JOB_FAILED", { problem });
    }
    await clock.sleep(pollMs, signal);
  }
}

/** Does it again while the API server does not answer. */
async function throughRestarts<Value>(options: ClusterLoadOptions, work: () => Promise<Value>): Promise<Value> {
  const { signal, progress = noProgress, clock = systemClock } = options;
  const endMs = clock.nowMs() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isFulcrumError(error, "CLUSTER_UNREACHABLE") || clock.nowMs() >= endMs) throw error;
      progress.note(error.message);
    }
    await clock.sleep(pollMs, signal);
  }
}

/** The pod of this very Job: one of a run before may be ending still. */
async function podOf(cluster: Cluster, { metadata: { name, uid } }: Job): Promise<Pod | undefined> {
  const pods = await cluster.list("Pod", { labels: labelsOf(name) });
  return pods.find(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
}

async function figuresOf(cluster: Cluster, job: Job): Promise<LoadResult> {
  const pod = await podOf(cluster, job);
  if (pod === undefined || pod.status.phase === "Pending") {
    throw new FulcrumError("LOAD_JOB_FAILED", { problem: await lastWords(cluster, job) });
  }
  return parseJobLog(await cluster.logs(pod.metadata.name));
}

/** Why its pod waits, or the end of its log. */
async function lastWords(cluster: Cluster, job: Job): Promise<string> {
  const pod = await podOf(cluster, job);
  if (!pod) return "it has no pod";
  const waiting = pod.status.containerStatuses?.[0]?.state?.waiting;
  if (pod.status.phase === "Pending") {
    const unscheduled = pod.status.conditions?.find(
      ({ type, status }) => type === "PodScheduled" && status === "False",
    );
    return `its pod is Pending: ${waiting?.message ?? waiting?.reason ?? unscheduled?.message ?? "unknown"}`;
  }
  return (await cluster.logs(pod.metadata.name, { tailLines: 5 })).trim();
}

/**
 * The JSON value that `fulcrum load --json` prints, from a log with its progress lines as well. Pure.
 * @throws LOAD_JOB_FAILED
 */
export function parseJobLog(log: string): LoadResult {
  const lines = log.split("\n");
  const first = lines.indexOf("{");
  const last = lines.lastIndexOf("}");
  try {
    return JSON.parse(lines.slice(first, last + 1).join("\n")) as LoadResult;
  } catch (cause) {
    const problem = `its log holds no figures: ${lines.slice(-5).join(" ").trim()}`;
    throw new FulcrumError("LOAD_JOB_FAILED", { problem }, { cause });
  }
}

async function remove(cluster: Cluster, name: string): Promise<void> {
  for (const kind of ["Job", "ConfigMap"]) await cluster.remove({ kind, name });
}
