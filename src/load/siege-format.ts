/**
 * siege's own forms: the line of its log, the block that it prints at the end, and load_output.csv, which has the
 * columns of the log. Pure. Reference: siege 4.0.7 as Debian 12 ships it, with its quirks:
 *
 *   Data Trans   whole megabytes (2^20 bytes), cut off, and Throughput is made from them
 *   Resp Time    the time of every answer, those with a 5xx status included, over the transactions, which leave them
 *                out: "inf" or "-nan" where there was no transaction
 *   Date & Time  when the run ended, local time
 */
import { formatLocalTime, parseLocalTime } from "../base/local-time.ts";
import { FulcrumError } from "../errors/index.ts";
import type { LoadRow, LoadSummary } from "../records/measurement.ts";
import type { LoadTotals } from "./summary.ts";

/** A line of siege's log. */
export interface SiegeRow {
  /** When the run ended. */
  readonly epochMs: number;
  readonly transactions: number;
  readonly elapsedSeconds: number;
  readonly megabytes: number;
  /** NaN or infinite where there was no transaction. */
  readonly responseSeconds: number;
  readonly ratePerSecond: number;
  readonly throughputMegabytes: number;
  readonly concurrency: number;
  readonly okay: number;
  readonly failed: number;
}

const bytesPerMegabyte = 1024 * 1024;

export const siegeLogHeader =
  "      Date & Time,  Trans,  Elap Time,  Data Trans,  Resp Time,  Trans Rate,  Throughput,  Concurrent,    OKAY,   Failed";
export const loadOutputHeader =
  "Date & Time, Trans, Elap Time, Data Trans, Resp Time, Trans Rate, Throughput, Concurrent, OKAY, Failed";
/** siege's remark when the limit of failures ended a run. */
export const siegeAbortMark = "**** siege aborted due to excessive socket failure. ****";

/** siege's figures of one run of a load. */
export function siegeRowOf({ startSeconds, summary }: LoadRow, startedEpochMs: number): SiegeRow {
  const { transactions, elapsedSeconds, bytes, concurrency, okay, failed } = summary;
  const megabytes = bytes / bytesPerMegabyte;
  return {
    epochMs: startedEpochMs + (startSeconds + elapsedSeconds) * 1000,
    transactions,
    elapsedSeconds,
    megabytes,
    responseSeconds: (concurrency * elapsedSeconds) / transactions,
    ratePerSecond: summary.transactionRatePerSecond,
    throughputMegabytes: megabytes / elapsedSeconds,
    concurrency,
    okay,
    failed,
  };
}

/** The line that siege would write to its log for this run, without the line's end. */
export function renderSiegeLine(row: SiegeRow): string {
  const megabytes = Math.floor(row.megabytes);
  return [
    formatLocalTime(row.epochMs),
    String(row.transactions).padStart(7),
    twoDecimals(row.elapsedSeconds).padStart(11),
    String(megabytes).padStart(12),
    twoDecimals(row.responseSeconds).padStart(11),
    twoDecimals(row.ratePerSecond).padStart(12),
    twoDecimals(megabytes / row.elapsedSeconds).padStart(12),
    twoDecimals(row.concurrency).padStart(12),
    String(row.okay).padStart(8),
    String(row.failed).padStart(8),
  ].join(",");
}

/** As C's "%.2f" on x86-64. */
function twoDecimals(value: number): string {
  if (Number.isNaN(value)) return "-nan";
  return Number.isFinite(value) ? value.toFixed(2) : "inf";
}

/**
 * load_output.csv: a row a run, in the columns of siege's log, with up to six decimals where siege keeps two or none.
 * Where there was no transaction, Resp Time is "nan" or "inf".
 */
export function renderLoadOutputCsv(rows: readonly LoadRow[], startedEpochMs: number): string {
  const lines = rows.map((row) => renderCsvLine(siegeRowOf(row, startedEpochMs)));
  return `${[loadOutputHeader, ...lines].join("\n")}\n`;
}

function renderCsvLine(row: SiegeRow): string {
  const number = (value: number) =>
    Number.isFinite(value) ? String(Number(value.toFixed(6))) : Number.isNaN(value) ? "nan" : "inf";
  const { epochMs, ...figures } = row;
  return [formatLocalTime(epochMs), ...Object.values(figures).map(number)].join(",");
}

/**
 * Rows of a siege log or of a load_output.csv; headers and remarks ("**** ... ****") are passed over.
 * @param path used in messages only
 * @throws LOAD_FILE_INVALID
 */
export function parseSiegeRows(text: string, path: string): SiegeRow[] {
  return text.split("\n").flatMap((line, index) => {
    if (/^\s*$|^\s*Date & Time,|^\*\*\*\*/.test(line)) return [];
    const fail = (problem: string) =>
      new FulcrumError("LOAD_FILE_INVALID", { path, line: index + 1, expected: "line of siege's log", problem });
    const fields = line.split(",").map((field) => field.trim());
    if (fields.length !== 10) throw fail(`it has ${fields.length} fields; allowed: 10`);
    const epochMs = parseLocalTime(fields[0]!);
    if (epochMs === undefined) throw fail(`${fields[0]} is no time; allowed: YYYY-MM-DD HH:MM:SS`);
    const numbers = fields.slice(1).map((field) => {
      const value = parseNumber(field);
      if (value === undefined) throw fail(`${JSON.stringify(field)} is no number`);
      return value;
    });
    const [transactions, elapsedSeconds, megabytes, responseSeconds, ratePerSecond, throughputMegabytes] = numbers;
    return [
      {
        epochMs,
        transactions: transactions!,
        elapsedSeconds: elapsedSeconds!,
        megabytes: megabytes!,
        responseSeconds: responseSeconds!,
        ratePerSecond: ratePerSecond!,
        throughputMegabytes: throughputMegabytes!,
        concurrency: numbers[6]!,
        okay: numbers[7]!,
        failed: numbers[8]!,
      },
    ];
  });
}

function parseNumber(text: string): number | undefined {
  if (/^-?nan$/i.test(text)) return Number.NaN;
  if (/^inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  return /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** The block that siege prints at the end of a run. */
export function renderSiegeBlock({ summary, shortestMs }: Pick<LoadTotals, "summary" | "shortestMs">): string {
  const { transactions, failed, elapsedSeconds, bytes, concurrency } = summary;
  const megabytes = bytes / bytesPerMegabyte;
  const availability = transactions === 0 ? 0 : (transactions / (transactions + failed)) * 100;
  const responseSeconds = transactions === 0 ? 0 : (concurrency * elapsedSeconds) / transactions;
  const decimal = (value: number) => value.toFixed(2).padStart(12);
  const whole = (value: number) => String(value).padStart(12);
  return [
    `Transactions:\t\t${whole(transactions)} hits`,
    `Availability:\t\t${decimal(availability)} %`,
    `Elapsed time:\t\t${decimal(elapsedSeconds)} secs`,
    `Data transferred:\t${decimal(megabytes)} MB`,
    `Response time:\t\t${decimal(responseSeconds)} secs`,
    `Transaction rate:\t${decimal(summary.transactionRatePerSecond)} trans/sec`,
    `Throughput:\t\t${decimal(elapsedSeconds > 0 ? megabytes / elapsedSeconds : 0)} MB/sec`,
    `Concurrency:\t\t${decimal(concurrency)}`,
    `Successful transactions:${whole(summary.okay)}`,
    `Failed transactions:\t${whole(failed)}`,
    `Longest transaction:\t${decimal(longestMs(summary) / 1000)}`,
    `Shortest transaction:\t${decimal((shortestMs ?? 0) / 1000)}`,
  ].join("\n");
}

function longestMs(summary: LoadSummary): number {
  return summary.responseMs?.max ?? 0;
}
