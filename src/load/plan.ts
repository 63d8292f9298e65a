/** From a load scenario of the configuration to the runs that make it up, and to words. Pure. */
import type { LoadScenario, SeriesLoad } from "../config/load.ts";

/** Closed loop: each user waits for the answer, pauses as siege does, and asks again. */
export interface ClosedRun {
  readonly kind: "closed";
  readonly users: number;
  /** Longest pause between requests (siege -d). */
  readonly delaySeconds: number;
  readonly durationSeconds: number;
}

/** Open loop: requests start at a rate, whether or not answers come. */
export interface OpenRun {
  readonly kind: "open";
  readonly ratePerSecond: number;
  readonly durationSeconds: number;
}

export type LoadRun = ClosedRun | OpenRun;

/**
 * The runs of a scenario, one after the other.
 * @param timeScale minutes of a series shrink by this; users and delays do not. Other scenarios ignore it.
 */
export function runsOf(
  scenario: LoadScenario,
  timeScale = scenario.kind === "series" ? scenario.timeScale : 1,
): LoadRun[] {
  if (scenario.kind === "closed") {
    const { users, delay, duration } = scenario;
    return [{ kind: "closed", users, delaySeconds: delay, durationSeconds: duration }];
  }
  if (scenario.kind === "open") {
    return [{ kind: "open", ratePerSecond: scenario.ratePerSecond, durationSeconds: scenario.duration }];
  }
  return scenario.minutes.flatMap(({ minutes, delay, users }) =>
    Array.from({ length: minutes }, (): ClosedRun => {
      return { kind: "closed", users, delaySeconds: delay, durationSeconds: 60 / timeScale };
    }),
  );
}

/** A run in siege's flags, or in words where siege has none. */
export function describeRun(run: LoadRun): string {
  const seconds = `${Number(run.durationSeconds.toFixed(3))}s`;
  if (run.kind === "open") return `open loop, ${run.ratePerSecond} requests a second for ${seconds}`;
  const delay = run.delaySeconds > 0 ? `-d ${run.delaySeconds} ` : "";
  return `siege ${delay}-c ${run.users} -t ${seconds}`;
}

/** A scenario in a line: "siege -c 10 -t 60s", "30 runs of 60s: siege with 20 to 30 users, delays 1 to 100 s". */
export function describeScenario(scenario: LoadScenario, timeScale?: number): string {
  const runs = runsOf(scenario, timeScale);
  return scenario.kind === "series" ? describeSeries(scenario, runs) : describeRun(runs[0]!);
}

function describeSeries({ minutes }: SeriesLoad, runs: readonly LoadRun[]): string {
  const seconds = Number(runs[0]!.durationSeconds.toFixed(3));
  const users = range(minutes.map((part) => part.users));
  const delays = range(minutes.map((part) => part.delay));
  return `${runs.length} runs of ${seconds}s: siege with ${users} users, delays ${delays} s`;
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}
