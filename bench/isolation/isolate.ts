/**
 * One measurement: workers of one kind, started in this fresh process, answer photos one after the other. Prints one
 * JSON line. Started by run.ts; Linux only (/proc).
 */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { systemClock } from "../../src/base/clock.ts";
import type { FromWorkerFrame } from "../../src/serve/messages.ts";
import { InferencePool } from "../../src/serve/pool.ts";
import { childWorkers, type StartWorker } from "../../src/serve/worker-link.ts";

const [kind, workersText, modelPath, photoPath, countText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const workers = Number(workersText);
const photo = readFileSync(photoPath);

/** The same worker in a thread of this process. */
const threadWorkers: StartWorker = (events) => {
  const thread = new Worker(new URL("./thread-worker.ts", import.meta.url));
  thread.on("message", (frame: FromWorkerFrame) => events.onFrame(frame));
  thread.once("exit", (code) => events.onExit(`exit code ${code}`));
  thread.postMessage({
    header: { kind: "open", modelPath, threads: 1, loneThreads: 1, preparedDir: null },
    body: new Uint8Array(),
  });
  return {
    send: (frame) => thread.postMessage(frame),
    close: () => void thread.terminate(),
    kill: () => void thread.terminate(),
  };
};

const startMs = performance.now();
const startWorker = kind === "threads" ? threadWorkers : childWorkers({ modelPath, threads: 1 });
const pool = new InferencePool({
  workers,
  queueLimit: 100,
  maxWaitMs: 1e6,
  runLimitMs: 60_000,
  startWorker,
  clock: systemClock,
});
while (pool.readyWorkers < workers) await systemClock.sleep(1);
const readyMs = performance.now() - startMs;
const readyCpuSeconds = sum(cpuSecondsOf);

const stays = new AbortController().signal;
const overheadsMs: number[] = [];
for (let i = 0; i < Number(countText); i++) {
  const sentMs = performance.now();
  const { decodeMs, inferenceMs } = await pool.classify(photo, stays);
  overheadsMs.push(performance.now() - sentMs - decodeMs - inferenceMs);
}
// Every worker has to have worked before its memory is counted.
await Promise.all(Array.from({ length: 20 * workers }, () => pool.classify(photo, stays)));
overheadsMs.sort((a, b) => a - b);
const overheadMs = overheadsMs[overheadsMs.length >> 1]!;
process.stdout.write(`${JSON.stringify({ readyMs, readyCpuSeconds, overheadMs, pssBytes: sum(pssBytesOf) })}\n`);
await pool.stop(1000);

/** Over this process and its children. */
function sum(read: (pid: number) => number): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return [process.pid, ...children.map(Number)].reduce((total, pid) => total + read(pid), 0);
}

/** utime and stime of proc(5), in ticks of 10 ms. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Proportional set size: a page that several processes share counts in parts. */
function pssBytesOf(pid: number): number {
  return 1024 * Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))![1]);
}
