/** The live page beside a run: a process of its own, so that looking costs the run nothing; it ends with the run. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectDir } from "../config/paths.ts";
import type { VerbIo } from "./verb.ts";

/** Starts the page of the run and says where it is. Where it does not start, the run goes on without it. */
export function startLivePage(runDir: string, io: VerbIo): { stop(): void } {
  const program = join(projectDir, "src/cli/main.ts");
  const page = spawn(process.execPath, [program, "dashboard", "--run", runDir, "--while-stdin"], {
    stdio: ["pipe", "pipe", "ignore"],
    // A group of its own: Ctrl-C reaches the run, and the run ends the page.
    detached: true,
  });
  page.once("error", (error) => io.progress.note(`no live page: ${error.message}`));
  page.stdin.on("error", () => {});
  createInterface({ input: page.stdout }).once("line", (line) => io.progress.note(line));
  page.unref();
  return { stop: () => page.stdin.end() };
}
