/** A measurement's deployment on the embedded platform. */
import { startLocalDeployment } from "../deploy/index.ts";
import type { MeasuredPlatform, MeasureOptions } from "./measured-platform.ts";

const readyTimeoutSeconds = 120;

/** Resolves when every replica that has a place is ready. */
export async function startLocally(options: MeasureOptions, timeScale: number): Promise<MeasuredPlatform> {
  const { deployment, modelPath, platform, autoscaler, signal } = options;
  const running = await startLocalDeployment({ modelPath, deployment, platform, autoscaler, timeScale, port: 0 });
  try {
    await running.waitReady(readyTimeoutSeconds, signal);
  } catch (error) {
    await running.stop();
    throw error;
  }
  const { url, events, readySeconds } = running;
  return {
    url,
    events,
    readySeconds,
    snapshot: async () => running.snapshot(),
    sample: async () => running.sample(),
    stop: () => running.stop(),
  };
}
