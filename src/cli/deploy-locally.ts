/** `fulcrum deploy --target local`: in the foreground until Ctrl-C. */
import { once } from "node:events";
import { autoscalerTiming, platform } from "../config/deployment.ts";
import { type LocalDeployment, startLocalDeployment } from "../deploy/index.ts";
import { FulcrumError } from "../errors/index.ts";
import type { PlatformEvent } from "../records/measurement.ts";
import type { VerbIo } from "./verb.ts";
import type { DeployFlags } from "./verbs/deploy.ts";

const readyTimeoutSeconds = 120;

/** @throws CLI_USAGE where no model is given */
export async function deployLocally(modelPath: string | undefined, options: DeployFlags, io: VerbIo): Promise<number> {
  if (modelPath === undefined) throw new FulcrumError("CLI_USAGE", { problem: "Name the model file.", verb: "deploy" });
  const deployment = await startLocalDeployment({
    modelPath,
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
    onEvent: (event) => io.progress.note(lineOf(event)),
  });
  try {
    await deployment.waitReady(readyTimeoutSeconds, io.signal);
    tell(deployment, io);
    if (!io.signal.aborted) await once(io.signal, "abort");
  } finally {
    await deployment.stop();
  }
  return 0;
}

function lineOf({ epochMs, kind, replica, detail }: PlatformEvent): string {
  return `${new Date(epochMs).toISOString().slice(11, 19)} ${replica ?? "deployment"} ${kind}: ${detail}`;
}

function tell({ url, adminUrl, snapshot }: LocalDeployment, io: VerbIo): void {
  const state = snapshot();
  const { enforcement } = state;
  const limits = enforcement.reason === null ? `enforced by ${enforcement.cpu}` : `not enforced: ${enforcement.reason}`;
  io.print(`${url}  (${state.ready} of ${state.asked} replicas ready; limits ${limits})`);
  io.print(`state: ${adminUrl}/fulcrum/state`);
  for (const { replica, reason } of state.pending) io.print(`${replica} Pending: ${reason}`);
  io.json({ url, adminUrl, ...state });
}
