/** How a replica of a model is started: this project's own `serve`. */
import { join } from "node:path";
import { serviceNodeFlags } from "../../config/environment.ts";
import { projectDir } from "../../config/paths.ts";
import type { ReplicaCommand } from "./replica.ts";

/**
 * As many inference threads as the CPU limit has cores, rounded up. Its log goes nowhere but for errors: a line a
 * request would cost CPU that is measured.
 */
export function serveCommand(modelPath: string, cpuLimitMillis: number): ReplicaCommand {
  const threads = Math.max(1, Math.ceil(cpuLimitMillis / 1000));
  const main = join(projectDir, "src", "cli", "main.ts");
  const flags = ["--port", "0", "--announce", "--log", "error", "--threads", String(threads)];
  return {
    file: process.execPath,
    args: [...serviceNodeFlags, main, "serve", modelPath, ...flags],
  };
}
