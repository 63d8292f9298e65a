/** What goes wrong during the soak, on purpose: reloads, bad model files, killed and stopped workers, bad requests. */
import { copyFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { Rng } from "../../src/base/rng.ts";
import { badInputs, leaveInTheMiddle } from "./bad-input.ts";
import type { SoakModel } from "./fixtures.ts";
import type { SoakService } from "./service.ts";

export interface ChaosLog {
  reloads: number;
  refusedReloads: number;
  killed: number;
  stopped: number;
  badRequests: number;
  leftUploads: number;
  /** From a worker's end to as many ready workers as before, ms. */
  readonly healMs: number[];
  readonly problems: string[];
}

export interface Chaos {
  readonly service: SoakService;
  readonly client: Dispatcher;
  readonly photos: readonly Uint8Array[];
  readonly models: readonly SoakModel[];
  /** The file that is served; models are put in its place. */
  readonly livePath: string;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

export function newChaosLog(): ChaosLog {
  return {
    reloads: 0,
    refusedReloads: 0,
    killed: 0,
    stopped: 0,
    badRequests: 0,
    leftUploads: 0,
    healMs: [],
    problems: [],
  };
}

/** Seconds between two of a kind, on average. */
const everySeconds = { reload: 20, badReload: 60, kill: 15, stop: 60, bad: 0.5, leave: 2 } as const;

export async function wreak(chaos: Chaos, log: ChaosLog): Promise<void> {
  const { service, rng } = chaos;
  let generation = 0;
  await Promise.all([
    repeat(chaos, log, everySeconds.reload, async () => {
      generation++;
      const model = chaos.models[generation % chaos.models.length]!;
      await putInPlace(model.path, chaos.livePath);
      const status = await putModel(chaos, {});
      if (status === 200) log.reloads++;
      else if (status !== 409) log.problems.push(`a reload got ${status}`);
    }),
    repeat(chaos, log, everySeconds.badReload, async () => {
      const path = `${chaos.livePath}.bad`;
      await writeFile(path, "no model");
      const status = await putModel(chaos, { path });
      if (status === 422) log.refusedReloads++;
      else if (status !== 409) log.problems.push(`a bad model file got ${status}`);
    }),
    repeat(chaos, log, everySeconds.kill, async () => {
      log.killed += await endWorker(chaos, log, "SIGKILL");
    }),
    repeat(chaos, log, everySeconds.stop, async () => {
      log.stopped += await endWorker(chaos, log, "SIGSTOP");
    }),
    repeat(chaos, log, everySeconds.bad, async () => {
      const bad = rng.pick(badInputs);
      const status = await bad.send(chaos.client, rng.pick(chaos.photos));
      log.badRequests++;
      if (!bad.statuses.includes(status)) log.problems.push(`${bad.name} got ${status}`);
    }),
    repeat(chaos, log, everySeconds.leave, async () => {
      log.leftUploads++;
      await leaveInTheMiddle(service.port, 500);
    }),
  ]);
}

async function repeat({ signal, rng }: Chaos, log: ChaosLog, seconds: number, act: () => Promise<void>): Promise<void> {
  const stream = rng.fork(`every ${seconds}`);
  for (;;) {
    await delay(seconds * 1000 * stream.uniform(0.5, 1.5), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    await act().catch((error) => void log.problems.push(String(error)));
  }
}

/** As an operator does it: a whole file, then a rename. */
async function putInPlace(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`);
  await rename(`${to}.new`, to);
}

async function putModel({ service, client }: Chaos, body: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${service.token}`, "content-type": "application/json" };
  const response = await client.request({ path: "/admin/model", method: "PUT", headers, body: JSON.stringify(body) });
  await response.body.dump();
  return response.statusCode;
}

/** Ends or stops one of the workers, and waits until as many are ready again. */
async function endWorker({ service, rng, client, signal }: Chaos, log: ChaosLog, how: NodeJS.Signals): Promise<number> {
  const worker = rng.pick(service.workers());
  const before = await readyWorkers(client);
  const startMs = performance.now();
  try {
    process.kill(worker, how);
  } catch {
    return 0; // It has just been replaced by a reload.
  }
  if (how !== "SIGKILL") return 1;
  // The loss is noticed a moment after the signal.
  while ((await readyWorkers(client)) >= before && performance.now() - startMs < 1000) await delay(2);
  while ((await readyWorkers(client)) < before && !signal.aborted) await delay(10);
  log.healMs.push(performance.now() - startMs);
  return 1;
}

async function readyWorkers(client: Dispatcher): Promise<number> {
  const { statusCode, body } = await client.request({ path: "/readyz", method: "GET" });
  const answer = (await body.json()) as { workers?: number };
  return statusCode === 200 ? (answer.workers ?? 0) : 0;
}
