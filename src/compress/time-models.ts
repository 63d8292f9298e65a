/** Times two models against each other: one photo at a time, in turns, so that both see the same machine. */
import type { TensorValues } from "../engine/runtime/index.ts";
import { createSession } from "../engine/runtime/index.ts";
import { medianInterval } from "../evaluate/index.ts";
import type { Quantization } from "../records/quantization.ts";

const warmUpRuns = 5;
const timedRuns = 60;

/** @param feeds inputs of single photos, used in turn */
export async function timeModels(
  before: Uint8Array,
  after: Uint8Array,
  feeds: readonly TensorValues[],
  nowMs: () => number,
): Promise<Quantization["latencyMs"]> {
  const threads = 1;
  const sessions = await Promise.all([before, after].map((model) => createSession(model, { threads })));
  const durations: [number[], number[]] = [[], []];
  try {
    for (let run = 0; run < warmUpRuns + timedRuns; run++) {
      for (const [i, session] of sessions.entries()) {
        const startMs = nowMs();
        await session.run(feeds[run % feeds.length]!);
        if (run >= warmUpRuns) durations[i]!.push(nowMs() - startMs);
      }
    }
  } finally {
    await Promise.all(sessions.map((session) => session.dispose()));
  }
  const ratios = durations[0].map((duration, i) => duration / durations[1][i]!);
  const [beforeMs, afterMs, speedup] = [durations[0], durations[1], ratios].map(medianInterval);
  return { before: beforeMs!, after: afterMs!, speedup: speedup!, runs: timedRuns, threads };
}
