/** Another program run to its end, with what it said. */
import { spawn } from "node:child_process";

export interface ProgramRun {
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not run or did not succeed, in words; undefined after exit code 0. */
  readonly problem: string | undefined;
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** What it reads; nothing where not given. */
  readonly stdin?: string;
  readonly signal?: AbortSignal | undefined;
}

/** @throws the signal's reason */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, stdin = "", signal }: ProgramOptions = {},
): Promise<ProgramRun> {
  const child = spawn(program, args, { stdio: "pipe", ...(cwd ? { cwd } : {}), ...(signal ? { signal } : {}) });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  child.stdin.on("error", () => {}); // it ended without reading; its exit says so
  child.stdin.end(stdin);
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? undefined : `exit code ${code}`));
  });
  signal?.throwIfAborted();
  return { stdout: stdout(), stderr: stderr(), problem };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8").trim();
}
