/** Results of worker threads in order, over several calls, with failures and the signal told. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { WorkerStream } from "../../src/base/worker-stream.ts";
import { projectDir } from "../../src/config/paths.ts";
import { temporaryFolder } from "../kit/photos.ts";

const source = `
import { answerJobs } from "${pathToFileURL(join(projectDir, "src/base/worker-thread.ts"))}";
answerJobs({
  async run({ number, waitMs }) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (number < 0) throw new Error("negative");
    return number * number;
  },
});
`;

interface Job {
  readonly number: number;
  readonly waitMs: number;
}

async function stream(folder: string, signal?: AbortSignal): Promise<WorkerStream<Job, number>> {
  const path = join(folder, "worker.ts");
  await writeFile(path, source);
  return new WorkerStream({ worker: pathToFileURL(path), task: null, threads: 2, signal });
}

async function collect(results: AsyncIterable<{ result: number }>): Promise<number[]> {
  const all: number[] = [];
  for await (const { result } of results) all.push(result);
  return all;
}

test("in the order of jobs, whichever ends first; threads serve further calls", async (t) => {
  const workers = await stream(await temporaryFolder(t));
  const jobs = Array.from({ length: 12 }, (_, number) => ({ number, waitMs: number % 3 === 0 ? 20 : 0 }));
  const squares = jobs.map(({ number }) => number * number);
  assert.deepEqual(await collect(workers.results(jobs)), squares);
  assert.deepEqual(await collect(workers.results(jobs)), squares);
  assert.deepEqual(await collect(workers.results([])), []);
  await workers.close();
});

test("jobs without end are asked for as they are begun, and the reader stops where it wants to", async (t) => {
  const workers = await stream(await temporaryFolder(t));
  let asked = 0;
  function* numbers(): Generator<Job> {
    for (;;) yield { number: asked++, waitMs: 0 };
  }
  const seen: number[] = [];
  for await (const { result } of workers.results(numbers())) if (seen.push(result) === 5) break;
  assert.deepEqual(seen, [0, 1, 4, 9, 16]);
  assert.ok(asked <= 5 + 6, `${asked} jobs were begun`);
  await workers.close();
});

test("a failure is thrown at its place", async (t) => {
  const workers = await stream(await temporaryFolder(t));
  const seen: number[] = [];
  await assert.rejects(async () => {
    const jobs = [1, 2, -3, 4].map((number) => ({ number, waitMs: 0 }));
    for await (const { result } of workers.results(jobs)) seen.push(result);
  }, /negative/);
  assert.deepEqual(seen, [1, 4]);
  await workers.close();
});

test("the signal ends the reader's waiting", async (t) => {
  const controller = new AbortController();
  const workers = await stream(await temporaryFolder(t), controller.signal);
  const reading = collect(workers.results([{ number: 1, waitMs: 300 }]));
  controller.abort(new Error("enough"));
  await assert.rejects(reading, /enough/);
  await workers.close();
});
