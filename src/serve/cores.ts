/**
 * How many cores this process may really use: ONNX Runtime would otherwise start a thread for each core of the
 * machine, whatever the container allows. Pure but for the injected reader of files.
 */

/** Text of a file, or undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

const root = "/sys/fs/cgroup";

/**
 * CPU limit of this process's cgroup in cores, the smallest of its own and its ancestors' (v2 `cpu.max`, v1
 * `cpu.cfs_quota_us / cpu.cfs_period_us`); undefined where there is none.
 * Source: kernel documentation, admin-guide/cgroup-v2 (CPU interface files) and scheduler/sched-bwc.
 */
export function cgroupCpuLimit(readText: ReadText): number | undefined {
  const limits = (readText("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => {
    const [id, controllers = "", path = "/"] = line.split(":");
    if (id === "0" && controllers === "") return ancestors(path).map((folder) => limitV2(readText, folder));
    if (controllers.split(",").includes("cpu")) return ancestors(path).map((folder) => limitV1(readText, folder));
    return [];
  });
  const found = limits.filter((limit) => limit !== undefined);
  return found.length > 0 ? Math.min(...found) : undefined;
}

/** "/a/b" -> "/a/b", "/a", "": inside a container only the last one may be visible. */
function ancestors(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  return Array.from({ length: names.length + 1 }, (_, i) =>
    names
      .slice(0, names.length - i)
      .map((name) => `/${name}`)
      .join(""),
  );
}

function limitV2(readText: ReadText, folder: string): number | undefined {
  const [quota, period] = (readText(`${root}${folder}/cpu.max`) ?? "max 100000").trim().split(" ").map(Number);
  return ratio(quota, period);
}

function limitV1(readText: ReadText, folder: string): number | undefined {
  for (const mount of ["cpu,cpuacct", "cpu"]) {
    const quota = readText(`${root}/${mount}${folder}/cpu.cfs_quota_us`);
    const period = readText(`${root}/${mount}${folder}/cpu.cfs_period_us`);
    if (quota !== undefined && period !== undefined) return ratio(Number(quota), Number(period));
  }
  return undefined;
}

/** "max" is NaN here and no limit; v1 writes no limit as -1. */
function ratio(quota: number | undefined, period: number | undefined): number | undefined {
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined;
}

/** Inference threads by default: the limit rounded up, at most the cores that are there, at least one. */
export function defaultThreads(coreCount: number, limitCores: number | undefined): number {
  return Math.max(1, Math.min(coreCount, Math.ceil(limitCores ?? coreCount)));
}

export interface WorkerPlan {
  readonly workers: number;
  readonly threadsPerWorker: number;
  /** Threads of a run while there is no other photo to classify. */
  readonly loneThreads: number;
}

/** Above this size of the model file its weights are held once. */
export const largeModelBytes = 64 * 1024 ** 2;
/** More threads than these take little off the time of one photo. */
const mostLoneThreads = 4;

/**
 * A worker a core: no waiting for each other inside a run, one decodes while the other infers. A lone photo is spread over
 * several cores, which nobody else needs then. Where workers cannot share weights, a large model gets one worker with a
 * thread a core, so that they are held once.
 */
export function planWorkers(threads: number, modelBytes: number, sharesWeights: boolean): WorkerPlan {
  if (modelBytes > largeModelBytes && !sharesWeights)
    return { workers: 1, threadsPerWorker: threads, loneThreads: threads };
  return { workers: threads, threadsPerWorker: 1, loneThreads: Math.min(threads, mostLoneThreads) };
}
