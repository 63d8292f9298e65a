/** How long a base takes for one photo on this machine: measured on demand, kept with what it was measured on. */
import { join } from "node:path";
import { z } from "zod";
import { readText, writeJsonAtomic } from "../base/files.ts";
import { describeMachine, type Machine } from "../base/machine.ts";
import type { Progress } from "../base/progress.ts";
import { Rng } from "../base/rng.ts";
import type { BaseId } from "../config/candidate.ts";
import { encodeModel } from "../engine/onnx/index.ts";
import { createSession, runtimeVersion } from "../engine/runtime/index.ts";
import { randomWeights } from "../layers/index.ts";
import { bases, buildFeatureGraphFrom, planInputs } from "../models/index.ts";
import { medianInterval } from "./intervals.ts";

const time = z.object({ estimate: z.number(), low: z.number(), high: z.number(), runs: z.int() });
const kept = z.object({
  /** Processor, number of cores, instruction sets, versions: times of another machine do not count. */
  machine: z.string(),
  /** Milliseconds a photo, median with its 95 % interval, by base. */
  times: z.record(z.string(), time),
});

export type BaseTime = z.output<typeof time>;

export interface MeasureBasesOptions {
  readonly cacheDir: string;
  readonly runs: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const warmUpRuns = 3;

/** This machine and what computes on it, in words. */
export function machineName({ cpuModel, cpuCount, cpuFeatures, platform }: Machine = describeMachine()): string {
  return `${cpuModel}, ${cpuCount} cores (${cpuFeatures.join(" ")}), ${platform}, ONNX Runtime ${runtimeVersion}`;
}

/** Times of this machine by base; none where it was never measured. */
export async function readBaseTimes(cacheDir: string): Promise<Readonly<Record<string, BaseTime>>> {
  const text = await readText(timesPath(cacheDir)).catch(() => "null");
  const parsed = kept.safeParse(JSON.parse(text));
  return parsed.success && parsed.data.machine === machineName() ? parsed.data.times : {};
}

function timesPath(cacheDir: string): string {
  return join(cacheDir, "base-times.json");
}

/** Measures bases one after the other; each result is kept at once. */
export async function measureBases(ids: readonly BaseId[], options: MeasureBasesOptions): Promise<void> {
  const { cacheDir, runs, progress, signal } = options;
  const task = progress.task("measuring bases", ids.length, "bases");
  for (const id of ids) {
    signal.throwIfAborted();
    const measured = await measureBase(id, runs, signal);
    const times = { ...(await readBaseTimes(cacheDir)), [id]: measured };
    await writeJsonAtomic(timesPath(cacheDir), { machine: machineName(), times });
    task.advance(1, `${id} ${measured.estimate.toFixed(1)} ms`);
  }
  task.finish();
}

/**
 * One photo of the base's own size on one thread, up to the features. Weights are random of the right shapes: what they
 * are makes no difference to the time.
 */
async function measureBase(id: BaseId, runs: number, signal: AbortSignal): Promise<BaseTime> {
  const base = bases[id];
  const preprocessing = planInputs({ size: null, resize: "base", scale: "base" }, [base]).inputs[0]!;
  const graph = buildFeatureGraphFrom(base, randomWeights(new Rng("base times")), preprocessing);
  const session = await createSession(encodeModel(graph), { threads: 1 });
  const { input, size } = preprocessing;
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * 37) % 256);
  const feeds = { [input]: { dtype: "uint8", dims: [1, size, size, 3], data } } as const;
  try {
    const durations: number[] = [];
    for (let run = 0; run < warmUpRuns + runs; run++) {
      signal.throwIfAborted();
      const startMs = performance.now();
      await session.run(feeds);
      if (run >= warmUpRuns) durations.push(performance.now() - startMs);
    }
    return { ...medianInterval(durations), runs };
  } finally {
    await session.dispose();
  }
}
