/** `fulcrum test --cluster`: the lab up, the cluster tests in its client's network, the lab down, whatever happens. */
import { spawn } from "node:child_process";
import { glob } from "node:fs/promises";
import { basename, join } from "node:path";
import { projectDir } from "../config/paths.ts";
import { exitCodes } from "../errors/index.ts";
import type { VerbIo } from "./verb.ts";

const folder = join(projectDir, "test", "cluster", "lab");
const script = join(folder, "lab.sh");

/** What to run, and how. */
export interface ClusterTests {
  /** Files by name, as "faults"; all where none is named. */
  readonly asked: readonly string[];
  /** For node, as --test-name-pattern. */
  readonly flags: readonly string[];
  /** How often a file that failed is run again. */
  readonly retries: number;
}

/**
 * Runs file by file on one lab. What a failure leaves behind may be a broken cluster: what is run after it gets a new one.
 *
 * @returns exit code: 0, of the last file that failed, or 4 where this machine cannot run the lab
 */
export async function testOnCluster({ asked, flags, retries }: ClusterTests, io: VerbIo): Promise<number> {
  const lab = openLab(io);
  const failures = new Map<string, number>();
  try {
    for (const file of await filesOf(asked)) {
      const name = basename(file, ".test.ts");
      for (let attempt = 0; attempt <= retries; attempt++) {
        if (attempt > 0) io.progress.note(`${name} failed: once more, on a new cluster`);
        const up = await lab.up();
        if (up !== 0) return up;
        const code = await lab.run([script, "client", process.execPath, ...flags, file]);
        if (io.signal.aborted) return exitCodes.interrupted;
        if (code === 0) failures.delete(name);
        else failures.set(name, code);
        if (code === 0) break;
        await lab.down();
      }
    }
  } finally {
    await lab.down();
  }
  if (failures.size > 0) io.progress.note(`failed on the cluster: ${[...failures.keys()].join(", ")}`);
  return [...failures.values()].at(-1) ?? 0;
}

async function filesOf(asked: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of asked.length > 0 ? asked : ["*"]) {
    for await (const file of glob(`test/cluster/${name}.test.ts`, { cwd: projectDir })) files.push(file);
  }
  return files.sort();
}

/** The lab of this process, with fulcrum's images on its nodes once it is up. */
function openLab(io: VerbIo) {
  // Where this process ends without a word, the lab sees it and goes down by itself.
  const environment = { ...process.env, LAB_OWNER_PID: String(process.pid), FULCRUM_LAB: script };
  let isUp = false;
  /** Ctrl-C in a terminal reaches only us, since the command has a process group of its own: all goes down in order. */
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
  return {
    run,
    async up(): Promise<number> {
      const provide = [process.execPath, "--disable-warning=ExperimentalWarning", join(folder, "images.ts")];
      for (const words of isUp ? [] : [[script, "up"], provide]) {
        const code = io.signal.aborted ? exitCodes.interrupted : await run(words);
        if (code !== 0) return io.signal.aborted ? exitCodes.interrupted : code;
        isUp = true;
      }
      return 0;
    },
    async down(): Promise<void> {
      if (isUp) await run([script, "down"]);
      isUp = false;
    },
  };
}
