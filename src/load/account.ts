/**
 * The account of a load: what the lines of a hit log add up to. The running load feeds it, and so does the file
 * afterwards; hence both give the same figures. Pure.
 */
import type { LoadRow } from "../records/measurement.ts";
import type { EndLine, HitLogLine, RunLine } from "./hit-log.ts";
import type { Ending } from "./loop.ts";
import { LoadTally, type LoadTotals } from "./summary.ts";

/** One run of a load with everything that is known of it. */
export interface RunTotals extends LoadTotals {
  readonly epochMs: number;
  readonly ending: Ending;
}

export interface LoadResult extends LoadTotals {
  /** Start of the first run, milliseconds since the Unix epoch. */
  readonly startedEpochMs: number;
  /** A row a run, as in load_output.csv; an open loop has 0 users. */
  readonly rows: readonly LoadRow[];
  /** The same runs with what the rows leave out. */
  readonly runs: readonly RunTotals[];
}

export class LoadAccount {
  readonly #rows: LoadRow[] = [];
  readonly #runs: RunTotals[] = [];
  #whole: LoadTally | undefined;
  #current: { readonly line: RunLine; readonly tally: LoadTally } | undefined;

  /** Transactions and failures of all runs so far. */
  get soFar(): { readonly transactions: number; readonly failed: number } {
    return this.#whole ?? { transactions: 0, failed: 0 };
  }

  add(line: HitLogLine): void {
    if (line.type === "hit") {
      this.#whole?.add(line);
      this.#current?.tally.add(line);
    } else if (line.type === "run") {
      const isOpen = line.run.kind === "open";
      this.#whole ??= new LoadTally(isOpen);
      this.#current = { line, tally: new LoadTally(isOpen) };
    } else {
      this.#endRun(line);
    }
  }

  #endRun({ elapsedSeconds, ending }: EndLine): void {
    if (this.#current === undefined) return;
    const { line, tally } = this.#current;
    const totals = tally.close(elapsedSeconds);
    const { users, delaySeconds } = line.run.kind === "closed" ? line.run : { users: 0, delaySeconds: 0 };
    this.#rows.push({ startSeconds: line.startSeconds, users, delaySeconds, summary: totals.summary });
    this.#runs.push({ ...totals, epochMs: line.epochMs, ending });
    this.#current = undefined;
  }

  /** The figures of all runs that have ended; the elapsed time of the whole is the sum of theirs. */
  close(): LoadResult {
    const elapsedSeconds = this.#rows.reduce((sum, row) => sum + row.summary.elapsedSeconds, 0);
    const whole = (this.#whole ?? new LoadTally(false)).close(elapsedSeconds);
    return { ...whole, startedEpochMs: this.#runs[0]?.epochMs ?? 0, rows: this.#rows, runs: this.#runs };
  }
}
