/** One process of a replica: started, heard of, asked whether it is ready, ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { createInterface } from "node:readline";

/**
 * How a replica is started. The program prints `{"event":"listening","port":N}` as a line on standard output once it
 * listens on 127.0.0.1, answers GET /readyz with 200 when it is ready, drains at SIGTERM, and ends when its standard
 * input ends: so no replica outlives this process, whatever becomes of it.
 */
export interface ReplicaCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export interface ReplicaExit {
  /** In words: "exit code 1", "ended by SIGKILL", with the last line that it wrote to standard error. */
  readonly detail: string;
  readonly signal: NodeJS.Signals | null;
}

export interface ReplicaProcess {
  /** null where it could not be started; `exited` says why. */
  readonly pid: number | null;
  /** Port, once it is announced; never where the process ends before that. */
  readonly port: Promise<number>;
  readonly exited: Promise<ReplicaExit>;
  /** SIGTERM, and SIGKILL to it and its children after the grace period. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

/** It leads a process group of its own, so that Ctrl-C in a terminal reaches only us: we drain in order. */
export function startReplica({ file, args }: ReplicaCommand): ReplicaProcess {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  child.stdin.on("error", () => {}); // written to by nobody; a broken pipe is news of an exit that comes anyway
  const lastWords = watchStandardError(child);
  const exited = new Promise<ReplicaExit>((resolve) => {
    child.once("error", ({ message }) => resolve({ detail: message, signal: null }));
    child.once("exit", () => killGroup(child)); // workers that it leaves behind
    child.once("close", (code, signal) => {
      const end = signal ? `ended by ${signal}` : `exit code ${code}`;
      resolve({ detail: lastWords() === "" ? end : `${end}: ${lastWords()}`, signal });
    });
  });
  return {
    pid: child.pid ?? null,
    port: announcedPort(child),
    exited,
    async stop(graceMs) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => killGroup(child), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended in this moment.
  }
}

const longestLastWords = 300;

/** Keeps the last line, so that a crash can be explained. */
function watchStandardError(child: ChildProcess): () => string {
  let last = "";
  createInterface({ input: child.stderr! }).on("line", (line) => {
    if (line.trim() !== "") last = line.trim().slice(0, longestLastWords);
  });
  return () => last;
}

function announcedPort(child: ChildProcess): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const port = portOf(line);
    if (port !== undefined) resolve(port);
  });
  return promise;
}

function portOf(line: string): number | undefined {
  try {
    const { event, port } = JSON.parse(line) as { event?: unknown; port?: unknown };
    return event === "listening" && typeof port === "number" ? port : undefined;
  } catch {
    return undefined;
  }
}

/** True if GET /readyz answers 200 within `timeoutMs`. */
export function isReady(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(
      { host: "127.0.0.1", port, path: "/readyz", agent: false, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        response.on("error", () => {}); // cut off after its status, which is all that counts
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    probe.once("error", () => resolve(false));
    probe.end();
  });
}
