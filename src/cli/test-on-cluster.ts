/** `fulcrum test --cluster`: the lab up, the cluster tests in its client's network, the lab down, whatever happens. */
import { spawn } from "node:child_process";
import { glob } from "node:fs/promises";
import { basename, join } from "node:path";
import { projectDir } from "../config/paths.ts";
import { exitCodes, FulcrumError } from "../errors/index.ts";
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
 * @returns exit code: 0, 1 where a file failed, 4 where this machine cannot run the lab, 130 after Ctrl-C
 * @throws CLI_USAGE where a name is none of a file
 */
export async function testOnCluster({ asked, flags, retries }: ClusterTests, io: VerbIo): Promise<number> {
  const lab = openLab(io);
  const failed: string[] = [];
  try {
    for (const name of await namesOf(asked)) {
      const code = await runFile(name);
      if (io.signal.aborted) return exitCodes.interrupted;
      if (code === exitCodes.environment) return code;
      if (code !== 0) failed.push(name);
    }
  } finally {
    await lab.down();
  }
  if (failed.length > 0) io.progress.note(`failed on the cluster: ${failed.join(", ")}`);
  return failed.length > 0 ? exitCodes.failure : 0;

  async function runFile(name: string): Promise<number> {
    const words = [script, "client", process.execPath, ...flags, `test/cluster/${name}.test.ts`];
    for (let attempt = 0; ; attempt++) {
      const code = (await lab.up()) || (await lab.run(words));
      if (code === 0 || code === exitCodes.environment || io.signal.aborted) return code;
      await lab.down(`${name}-${attempt}`);
      if (attempt === retries) return code;
      io.progress.note(`${name} failed: once more, on a new cluster`);
    }
  }
}

/** Names of the files that were asked for, each once. */
async function namesOf(asked: readonly string[]): Promise<string[]> {
  const names = new Set<string>();
  for (const pattern of asked.length > 0 ? asked : ["*"]) {
    let isKnown = false;
    for await (const file of glob(`${pattern}.test.ts`, { cwd: join(projectDir, "test", "cluster") })) {
      names.add(basename(file, ".test.ts"));
      isKnown = true;
    }
    if (!isKnown) {
      throw new FulcrumError("CLI_USAGE", { problem: `There is no test/cluster/${pattern}.test.ts.`, verb: "test" });
    }
  }
  return [...names].sort();
}

/** The lab of this process, with fulcrum's images on its nodes once it is up. */
function openLab(io: VerbIo) {
  // Where this process ends without a word, the lab sees it and goes down by itself.
  const environment = { ...process.env, LAB_OWNER_PID: String(process.pid), FULCRUM_LAB: script };
  let isUp = false;
  /** Ctrl-C in a terminal reaches only us, since the command has a process group of its own: all goes down in order. */
  const run = (words: readonly string[], { signal, env }: { signal?: AbortSignal; env?: NodeJS.ProcessEnv }) =>
    new Promise<number>((resolve) => {
      if (signal?.aborted) return resolve(exitCodes.interrupted);
      const child = spawn(words[0]!, words.slice(1), {
        cwd: projectDir,
        stdio: "inherit",
        env: { ...environment, ...env },
        detached: true,
      });
      const interrupt = () => child.pid !== undefined && process.kill(-child.pid, "SIGINT");
      signal?.addEventListener("abort", interrupt);
      child.on("exit", (code) => {
        signal?.removeEventListener("abort", interrupt);
        resolve(code ?? exitCodes.failure);
      });
    });
  const { signal } = io;
  return {
    run: (words: readonly string[]) => run(words, { signal }),
    async up(): Promise<number> {
      if (isUp) return 0;
      const code = await run([script, "up"], { signal });
      isUp = code === 0; // where it fails it takes itself down
      const images = [process.execPath, "--disable-warning=ExperimentalWarning", join(folder, "images.ts")];
      return code || run(images, { signal });
    },
    /** @param failure name under which what its programs have said is kept */
    async down(failure?: string): Promise<void> {
      if (!isUp) return;
      const code = await run([script, "down"], { env: failure === undefined ? {} : { LAB_LOG: failure } });
      isUp = false;
      if (code !== 0) io.progress.note(`the lab may still be up; ${script} down takes it down`);
    },
  };
}
