/** For tests of the embedded platform: a deployment of fake replicas with small, fast settings. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { autoscalerTiming, platform } from "../../src/config/deployment.ts";
import { projectDir } from "../../src/config/paths.ts";
import { type LocalDeployment, type LocalDeploymentOptions, startLocalDeployment } from "../../src/deploy/index.ts";
import { noLimiter } from "../../src/deploy/local/limits.ts";

export const mebibyte = 2 ** 20;

type Overrides = Partial<Omit<LocalDeploymentOptions, "deployment">> & {
  readonly deployment?: Partial<LocalDeploymentOptions["deployment"]>;
  /** Arguments of test/kit/replica-server.ts. */
  readonly replica?: readonly string[];
};

/** Three nodes of 4 CPUs and 8 GiB, replicas of 100m and 128 MiB, no limits enforced unless a test asks for it. */
export function deploymentOptions({ deployment, replica = [], ...rest }: Overrides): LocalDeploymentOptions {
  return {
    modelPath: "none",
    deployment: {
      shape: "max",
      requests: { cpuMillis: 100, memoryBytes: 128 * mebibyte },
      limits: { cpuMillis: 2000, memoryBytes: 1024 * mebibyte },
      replicas: 2,
      autoscaling: { minReplicas: 1, maxReplicas: 4, targetCpuPercent: 50 },
      ...deployment,
    },
    platform: platform.parse({}),
    autoscaler: autoscalerTiming.parse({}),
    timeScale: 1,
    port: 0,
    command: { file: process.execPath, args: [join(projectDir, "test", "kit", "replica-server.ts"), ...replica] },
    limiter: noLimiter("a test does without"),
    ...rest,
  };
}

/** Started and ready; stopped at the end of the test. */
export async function readyDeployment(context: TestContext, overrides: Overrides = {}): Promise<LocalDeployment> {
  const deployment = await startLocalDeployment(deploymentOptions(overrides));
  context.after(() => deployment.stop());
  await deployment.waitReady(30);
  return deployment;
}
