/** siege's forms, against what siege 4.0.7 of Debian 12 wrote. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLocalTime } from "../../src/base/local-time.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import {
  loadOutputHeader,
  parseSiegeRows,
  renderLoadOutputCsv,
  renderSiegeBlock,
  renderSiegeLine,
  siegeLogHeader,
  siegeRowOf,
} from "../../src/load/index.ts";
import type { LoadRow } from "../../src/records/measurement.ts";

/** Log and block of one run of `siege -c 5 -t 4s`; 300,000 bytes an answer, a part of the answers with status 503. */
const header =
  "      Date & Time,  Trans,  Elap Time,  Data Trans,  Resp Time,  Trans Rate,  Throughput,  Concurrent,    OKAY,   Failed";
const realLine =
  "2026-11-24 02:39:50,    315,       3.98,         130,       0.06,       79.15,       32.66,        4.96,     315,     142";
const realBlock = [
  "Transactions:\t\t         315 hits",
  "Availability:\t\t       68.93 %",
  "Elapsed time:\t\t        3.98 secs",
  "Data transferred:\t      130.75 MB",
  "Response time:\t\t        0.06 secs",
  "Transaction rate:\t       79.15 trans/sec",
  "Throughput:\t\t       32.85 MB/sec",
  "Concurrency:\t\t        4.96",
  "Successful transactions:         315",
  "Failed transactions:\t         142",
  "Longest transaction:\t        0.06",
  "Shortest transaction:\t        0.04",
].join("\n");

const endEpochMs = parseLocalTime("2026-11-24 02:39:50")!;
const figures = { mean: 55, p50: 55, p90: 60, p99: 60, max: 60 };
const row: LoadRow = {
  startSeconds: 0,
  users: 5,
  delaySeconds: 0,
  summary: {
    transactions: 315,
    okay: 315,
    failed: 142,
    availability: 315 / 457,
    elapsedSeconds: 3.98,
    bytes: 457 * 300_000,
    transactionRatePerSecond: 315 / 3.98,
    concurrency: 4.96,
    responseMs: figures,
    scheduledMs: null,
  },
};
const startedEpochMs = endEpochMs - 3980;

function emptyRow(concurrency: number): LoadRow {
  const nothing = {
    transactions: 0,
    okay: 0,
    availability: 0,
    bytes: 0,
    transactionRatePerSecond: 0,
    responseMs: null,
  };
  return { ...row, summary: { ...row.summary, ...nothing, elapsedSeconds: 1.98, failed: 96, concurrency } };
}

test("the log's header and line are siege's, byte for byte", () => {
  assert.equal(siegeLogHeader, header);
  assert.equal(renderSiegeLine(siegeRowOf(row, startedEpochMs)), realLine);
});

test("without transactions the line is siege's too: inf after answers with 5xx, -nan after none", () => {
  const afterErrors =
    "2026-11-24 02:09:47,      0,       1.98,           0,        inf,        0.00,        0.00,        2.96,       0,      96";
  const afterResets =
    "2026-11-24 02:09:51,      0,       1.98,           0,       -nan,        0.00,        0.00,        0.00,       0,      96";
  const lineAt = (text: string, concurrency: number) =>
    renderSiegeLine(siegeRowOf(emptyRow(concurrency), parseLocalTime(text.slice(0, 19))! - 1980));
  assert.equal(lineAt(afterErrors, 2.96), afterErrors);
  assert.equal(lineAt(afterResets, 0), afterResets);
});

test("the final block is siege's, byte for byte", () => {
  assert.equal(renderSiegeBlock({ summary: row.summary, shortestMs: 40 }), realBlock);
});

test("load_output.csv has its header exactly, and finer figures than the log", () => {
  const [first, line, end] = renderLoadOutputCsv([row], startedEpochMs).split("\n");
  assert.equal(
    first,
    "Date & Time, Trans, Elap Time, Data Trans, Resp Time, Trans Rate, Throughput, Concurrent, OKAY, Failed",
  );
  assert.equal(first, loadOutputHeader);
  // 130.748749 MB = 457 * 300000 / 2^20, and / 3.98 s = 32.851444; 0.062669 s = 4.96 * 3.98 / 315
  assert.equal(line, "2026-11-24 02:39:50,315,3.98,130.748749,0.062669,79.145729,32.851444,4.96,315,142");
  assert.equal(end, "");
});

test("a siege log is read back, remarks and all", () => {
  const log = `${header}\n${realLine}\n**** siege aborted due to excessive socket failure. ****\n`;
  assert.deepEqual(parseSiegeRows(log, "siege.log"), [
    {
      epochMs: endEpochMs,
      transactions: 315,
      elapsedSeconds: 3.98,
      megabytes: 130,
      responseSeconds: 0.06,
      ratePerSecond: 79.15,
      throughputMegabytes: 32.66,
      concurrency: 4.96,
      okay: 315,
      failed: 142,
    },
  ]);
});

test("a load_output.csv is read back, rows without transactions included", () => {
  const rows = [row, emptyRow(2.96), emptyRow(0)];
  const read = parseSiegeRows(renderLoadOutputCsv(rows, startedEpochMs), "load_output.csv");
  assert.deepEqual(
    read.map(({ responseSeconds }) => responseSeconds),
    [0.062669, Number.POSITIVE_INFINITY, Number.NaN],
  );
  assert.deepEqual(
    read.map(({ transactions, failed }) => [transactions, failed]),
    [
      [315, 142],
      [0, 96],
      [0, 96],
    ],
  );
});

test("a line that is none is refused by its number", () => {
  const wrong = (text: string) => () => parseSiegeRows(`${header}\n${text}\n`, "siege.log");
  for (const text of ["yesterday,1,2,3,4,5,6,7,8,9", "2026-11-24 02:39:50,1,2", realLine.replace("315", "many")]) {
    assert.throws(
      wrong(text),
      (error) => isFulcrumError(error, "LOAD_FILE_INVALID") && /siege\.log line 2/.test(error.message),
    );
  }
});
