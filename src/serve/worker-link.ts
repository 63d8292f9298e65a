/**
 * The door to an inference worker: a child process and the socket to it. A child, not a thread, because a crash in
 * native code takes its whole process and a hung run can only be ended by ending its process
 * (docs/decisions/003-inference-isolation.md). Tests put a fake in its place.
 */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { childEnvironment, serviceNodeFlags } from "../config/environment.ts";
import { type Frame, FrameReader, writeFrame } from "./frames.ts";
import type { FromWorker, FromWorkerFrame, ToWorker } from "./messages.ts";

export interface WorkerEvents {
  onFrame(frame: FromWorkerFrame): void;
  /** The worker is gone, wanted or not; once, and after its last frame. */
  onExit(reason: string): void;
}

export interface WorkerLink {
  send(frame: Frame<ToWorker>): void;
  /** Lets the worker finish and end by itself. */
  close(): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** Starts the worker of a place, counted from 0; it is of use after its "ready" frame. Lone photos go to place 0. */
export type StartWorker = (events: WorkerEvents, place: number) => WorkerLink;

export interface ChildWorkerOptions {
  readonly modelPath: string;
  /** Threads of one run. */
  readonly threads: number;
  /** Threads of a run while there is no other photo; as `threads` by default. */
  readonly loneThreads?: number;
  /** Folder of models prepared for this machine; null, the default, where nothing can be kept. */
  readonly preparedDir?: string | null;
  /** Module that the child runs; the real worker by default. */
  readonly entry?: string;
}

/** Descriptor of the socket in the child: standard output stays free for what native code may print. */
export const linkDescriptor = 3;

const standardError = 2;

export function childWorkers(options: ChildWorkerOptions): StartWorker {
  const { modelPath, threads, preparedDir = null, entry } = options;
  const module = entry ?? fileURLToPath(new URL(`worker${import.meta.url.slice(-3)}`, import.meta.url));
  return (events, place) => {
    const child = spawn(process.execPath, [...serviceNodeFlags, module], {
      env: childEnvironment(),
      stdio: ["ignore", standardError, standardError, "pipe"],
    });
    const socket = child.stdio[linkDescriptor] as Socket;
    const reader = new FrameReader<FromWorker>();
    socket.on("data", (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) events.onFrame(frame);
    });
    // A write to a worker that just died: its exit tells the story.
    socket.on("error", () => {});
    let startProblem: string | undefined;
    child.once("error", (error) => {
      startProblem = `it cannot be started: ${error.message}`;
    });
    // "close", not "exit": only then is everything read that the worker had said.
    child.once("close", (code, signal) =>
      events.onExit(startProblem ?? (signal ? `ended by ${signal}` : `exit code ${code}`)),
    );
    const link: WorkerLink = {
      send: (frame) => {
        writeFrame(socket, frame);
      },
      close: () => socket.end(),
      kill: () => child.kill("SIGKILL"),
    };
    const loneThreads = place === 0 ? (options.loneThreads ?? threads) : threads;
    link.send({ header: { kind: "open", modelPath, threads, loneThreads, preparedDir }, body: new Uint8Array() });
    return link;
  };
}
