/** `fulcrum doctor`: what this machine can and cannot run, and why. */
import { access, constants, statfs } from "node:fs/promises";
import { z } from "zod";
import { problemOf } from "../../base/files.ts";
import { describeMachine } from "../../base/machine.ts";
import { projectDir } from "../../config/paths.ts";
import { defineVerb } from "../verb.ts";

interface Check {
  readonly name: string;
  readonly state: "ok" | "limited" | "missing";
  readonly detail: string;
}

export const verb = defineVerb({
  summary: "Say what this machine can and cannot run, and why",
  description:
    "Checks Node, ONNX Runtime, photo decoding, cores, memory, disk, CPU and memory limits (cgroups) and Chromium.",
  arguments: [],
  options: z.object({}),
  examples: ["fulcrum doctor", "fulcrum doctor --json"],
  async run({ io }) {
    const machine = describeMachine();
    const checks = [
      platformCheck(machine.platform, machine.node),
      await moduleCheck(
        "ONNX Runtime",
        async () => (await import("../../engine/runtime/index.ts")).runtimeVersion,
        "train, predict, evaluate, serve",
      ),
      await moduleCheck(
        "photo decoding",
        async () => Object.keys(await import("../../images/index.ts")).length > 0 && "sharp",
        "every photo",
      ),
      coresCheck(machine.cpuCount, machine.cpuModel, machine.cpuFeatures, machine.memoryBytes),
      await diskCheck(),
      await limitsCheck(),
      await fileCheck("Chromium", ["/usr/bin/chromium", "/usr/bin/google-chrome"], "browser tests"),
      await fileCheck("siege", ["/usr/bin/siege"], "bench/siege (fulcrum load needs no siege)"),
    ];
    for (const { name, state, detail } of checks) io.print(`${state.padEnd(8)} ${name.padEnd(16)} ${detail}`);
    io.json({ machine, checks });
    return checks.slice(0, 3).some(({ state }) => state === "missing") ? 4 : 0;
  },
});

function platformCheck(platform: string, node: string): Check {
  const tested = platform === "linux x64" || platform === "linux arm64";
  const detail = `${platform}, Node ${node}`;
  if (tested) return { name: "platform", state: "ok", detail };
  if (platform === "darwin arm64")
    return {
      name: "platform",
      state: "limited",
      detail: `${detail}: should work, is untested; no CPU or memory limits`,
    };
  return {
    name: "platform",
    state: "missing",
    detail: `${detail}: allowed are linux x64, linux arm64 and darwin arm64`,
  };
}

async function moduleCheck(name: string, load: () => Promise<unknown>, neededBy: string): Promise<Check> {
  try {
    return { name, state: "ok", detail: String(await load()) };
  } catch (error) {
    return { name, state: "missing", detail: `needed by ${neededBy}: ${problemOf(error)}` };
  }
}

function coresCheck(cpuCount: number, model: string, features: readonly string[], memoryBytes: number): Check {
  const memoryGiB = memoryBytes / 1024 ** 3;
  const enough = cpuCount >= 2 && memoryGiB >= 4;
  const detail = `${cpuCount} x ${model} (${features.join(", ") || "no noted features"}), ${memoryGiB.toFixed(1)} GiB`;
  return {
    name: "hardware",
    state: enough ? "ok" : "limited",
    detail: enough ? detail : `${detail}: 2 cores and 4 GiB are advised`,
  };
}

async function diskCheck(): Promise<Check> {
  const { bavail, bsize } = await statfs(projectDir);
  const freeGb = (bavail * bsize) / 1e9;
  return {
    name: "disk",
    state: freeGb > 2 ? "ok" : "limited",
    detail: `${freeGb.toFixed(1)} GB free; a run takes 0.1 to 1 GB`,
  };
}

/** cgroup v2 has one writable tree, v1 one for each controller. */
async function limitsCheck(): Promise<Check> {
  const isWritable = (path: string) =>
    access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
  if (await isWritable("/sys/fs/cgroup/cgroup.procs"))
    return { name: "limits", state: "ok", detail: "cgroup v2: enforced" };
  if ((await isWritable("/sys/fs/cgroup/cpu")) && (await isWritable("/sys/fs/cgroup/memory"))) {
    return { name: "limits", state: "ok", detail: "cgroup v1: enforced" };
  }
  return {
    name: "limits",
    state: "limited",
    detail: "cgroups are not writable: CPU and memory limits of local replicas are not enforced, and reports say so",
  };
}

async function fileCheck(name: string, paths: readonly string[], neededBy: string): Promise<Check> {
  for (const path of paths)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return { name, state: "ok", detail: path };
  return { name, state: "limited", detail: `not found; needed by ${neededBy} only` };
}
