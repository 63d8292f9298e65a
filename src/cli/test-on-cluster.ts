/** `fulcrum test --cluster`: the lab up, the cluster tests in its client's network, the lab down, whatever happens. */
import { spawn } from "node:child_process";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { projectDir } from "../config/paths.ts";
import { exitCodes } from "../errors/index.ts";
import type { VerbIo } from "./verb.ts";

const folder = join(projectDir, "test", "cluster", "lab");
const lab = join(folder, "lab.sh");

/**
 * @param asked files by name, as "faults"; all where none is named
 * @returns exit code: of the tests, or 4 where this machine cannot run the lab
 */
export async function testOnCluster(asked: readonly string[], flags: readonly string[], io: VerbIo): Promise<number> {
  // Where this process ends without a word, the lab sees it and goes down by itself.
  const environment = { ...process.env, LAB_OWNER_PID: String(process.pid), FULCRUM_LAB: lab };
  // A process group of its own: Ctrl-C in a terminal reaches only us, and the lab goes down in order.
  const run = (words: readonly string[]) =>
    new Promise<number>((resolve) => {
      const child = spawn(words[0]!, words.slice(1), {
        cwd: projectDir,
        stdio: "inherit",
        env: environment,
        detached: true,
      });
      const interrupt = () => child.pid !== undefined && process.kill(-child.pid, "SIGINT");
      io.signal.addEventListener("abort", interrupt);
      child.on("exit", (code) => {
        io.signal.removeEventListener("abort", interrupt);
        resolve(code ?? exitCodes.failure);
      });
    });
  const steps = async (...all: (readonly string[])[]) => {
    for (const words of all) {
      const code = io.signal.aborted ? exitCodes.interrupted : await run(words);
      if (code !== 0) return io.signal.aborted ? exitCodes.interrupted : code;
    }
    return 0;
  };
  const files: string[] = [];
  for (const name of asked.length > 0 ? asked : ["*"]) {
    for await (const file of glob(`test/cluster/${name}.test.ts`, { cwd: projectDir })) files.push(file);
  }
  const images = [process.execPath, "--disable-warning=ExperimentalWarning", join(folder, "images.ts")];
  const tests = [lab, "client", process.execPath, ...flags, "--test-concurrency=1", ...files.sort()];
  const up = await steps([lab, "up"]);
  if (up !== 0) return up;
  try {
    return await steps(images, tests);
  } finally {
    await run([lab, "down"]);
  }
}
