/**
 * Samples resources at a fixed period. Ticks are start + k * period, so they do not drift; a sample that fails or does
 * not come in time leaves a gap, and the gap is told, never filled.
 */
import { type Clock, systemClock } from "../base/clock.ts";
import { problemOf } from "../base/files.ts";
import type { ResourceSample } from "../records/measurement.ts";

/** A tick without a sample. */
export interface SampleGap {
  readonly epochMs: number;
  readonly reason: string;
}

export interface MonitorOptions {
  /** Gives the state of now. The signal fires when the sample is no longer waited for. */
  readonly source: (signal: AbortSignal) => Promise<ResourceSample>;
  /** Seconds between ticks: 5, shrunk by a time scale where there is one. */
  readonly periodSeconds: number;
  /** Ends the monitor, as stop() does. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly onSample?: (sample: ResourceSample) => void;
  readonly onGap?: (gap: SampleGap) => void;
}

export interface Monitor {
  /** Samples so far, in the order of time. */
  readonly samples: readonly ResourceSample[];
  readonly gaps: readonly SampleGap[];
  /** Ends the monitor and waits until nothing is under way. */
  stop(): Promise<void>;
  /** Resolves when the monitor has ended; rejects with what onSample or onGap threw. */
  readonly done: Promise<void>;
}

/** A sample may take this long, or one period where that is longer: a scaled period can be very short. */
const patienceMs = 2000;

/** Starts at once with a first sample. */
export function startMonitor(options: MonitorOptions): Monitor {
  const over = new AbortController();
  const stop = () => over.abort();
  options.signal?.addEventListener("abort", stop);
  if (options.signal?.aborted) stop();
  const samples: ResourceSample[] = [];
  const gaps: SampleGap[] = [];
  const done = watch(options, over.signal, samples, gaps).finally(() =>
    options.signal?.removeEventListener("abort", stop),
  );
  done.catch(() => {});
  return {
    samples,
    gaps,
    done,
    async stop() {
      stop();
      await done;
    },
  };
}

async function watch(
  { source, periodSeconds, clock = systemClock, onSample, onGap }: MonitorOptions,
  over: AbortSignal,
  samples: ResourceSample[],
  gaps: SampleGap[],
): Promise<void> {
  const periodMs = periodSeconds * 1000;
  const startMs = clock.nowMs();
  const startEpochMs = clock.epochMs();
  const miss = (tick: number, reason: string) => {
    const gap = { epochMs: startEpochMs + tick * periodMs, reason };
    gaps.push(gap);
    onGap?.(gap);
  };
  for (let tick = 0; !over.aborted; ) {
    const result = await sampleInTime(source, clock, Math.max(periodMs, patienceMs), over);
    if (over.aborted) return;
    if ("sample" in result) {
      samples.push(result.sample);
      onSample?.(result.sample);
    } else {
      miss(tick, result.problem);
    }
    const elapsedTicks = Math.floor((clock.nowMs() - startMs) / periodMs);
    for (let late = tick + 1; late <= elapsedTicks; late++) miss(late, "the sample before took too long");
    tick = Math.max(tick, elapsedTicks) + 1;
    await clock.sleep(startMs + tick * periodMs - clock.nowMs(), over).catch(() => {});
  }
}

type Sampled = { readonly sample: ResourceSample } | { readonly problem: string };

async function sampleInTime(
  source: MonitorOptions["source"],
  clock: Clock,
  limitMs: number,
  over: AbortSignal,
): Promise<Sampled> {
  const limit = new AbortController();
  const asking = AbortSignal.any([over, limit.signal]);
  const sampling: Promise<Sampled> = source(asking).then(
    (sample) => ({ sample }),
    (error: unknown) => ({ problem: problemOf(error) }),
  );
  const waiting: Promise<Sampled> = clock.sleep(limitMs, asking).then(
    () => ({ problem: `no sample within ${limitMs / 1000} s` }),
    () => ({ problem: "the monitor was stopped" }),
  );
  const result = await Promise.race([sampling, waiting]);
  limit.abort();
  return result;
}
