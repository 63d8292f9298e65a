/** How a container of the image runs. Dockerfile says the same (tested). Pure. */

import { fulcrumVersion } from "../../base/version.ts";
import { serviceNodeFlags } from "../../config/environment.ts";
import { nonRootId, servicePort } from "../service-container.ts";
import { applicationDir } from "./application.ts";
import { nodePath } from "./node-layer.ts";
import type { ContainerConfig } from "./oci.ts";

/** Where the model is in the image. */
export const modelPath = "model/model.onnx";

/**
 * The entry point takes any of the container's verbs; by default the model is served.
 * @param baseEnv variables of a base image; ours win
 */
export function containerConfig(modelSha256: string, baseEnv: readonly string[] = []): ContainerConfig {
  // MALLOC_ARENA_MAX: photo decoding in several threads would fragment glibc's arenas.
  // ORT_DISABLE_TELEMETRY: see engine/runtime/no-telemetry.ts.
  const env = ["PATH=/usr/local/bin", "NODE_ENV=production", "MALLOC_ARENA_MAX=2", "ORT_DISABLE_TELEMETRY=1"];
  const nameOf = (text: string) => text.slice(0, text.indexOf("="));
  const ours = new Set(env.map(nameOf));
  return {
    User: `${nonRootId}:${nonRootId}`,
    Env: [...baseEnv.filter((text) => !ours.has(nameOf(text))), ...env],
    Entrypoint: [`/${nodePath}`, ...serviceNodeFlags, `/${applicationDir}/src/cli/container.js`],
    Cmd: ["serve", `/${modelPath}`, "--host", "0.0.0.0", "--port", String(servicePort)],
    WorkingDir: `/${applicationDir}`,
    ExposedPorts: { [`${servicePort}/tcp`]: {} },
    Labels: {
      "org.opencontainers.image.title": "fulcrum",
      "org.opencontainers.image.version": fulcrumVersion,
      "fulcrum.model.sha256": modelSha256,
    },
    StopSignal: "SIGTERM",
  };
}
