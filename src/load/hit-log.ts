/**
 * hits.jsonl: the raw record of a load, a JSON object a line, written while it runs. A run begins with a line of type
 * "run", its hits follow in the order in which they finished, and a line of type "end" closes it.
 */
import { createReadStream, type WriteStream } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { z } from "zod";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";

const ms = z.number();
const hitLine = z.object({
  type: z.literal("hit"),
  index: z.int(),
  user: z.int().nullable(),
  scheduledMs: ms,
  sentMs: ms.nullable(),
  firstByteMs: ms.nullable(),
  finishedMs: ms,
  status: z.int().nullable(),
  bytes: z.number(),
  error: z.string().nullable(),
});
const closedRun = z.object({
  kind: z.literal("closed"),
  users: z.int(),
  delaySeconds: z.number(),
  durationSeconds: z.number(),
});
const openRun = z.object({ kind: z.literal("open"), ratePerSecond: z.number(), durationSeconds: z.number() });
const runLine = z.object({
  type: z.literal("run"),
  /** Place in the series, from 0. */
  number: z.int(),
  url: z.string(),
  method: z.string(),
  /** Start of the run. */
  epochMs: z.number(),
  /** Start of the run in seconds after the series' start. */
  startSeconds: z.number(),
  run: z.discriminatedUnion("kind", [closedRun, openRun]),
});
const endLine = z.object({
  type: z.literal("end"),
  number: z.int(),
  elapsedSeconds: z.number(),
  ending: z.enum(["time", "stopped", "failures"]),
});
const line = z.discriminatedUnion("type", [hitLine, runLine, endLine]);

export type RunLine = z.output<typeof runLine>;
export type EndLine = z.output<typeof endLine>;
export type HitLogLine = z.output<typeof line>;

export interface HitLog {
  write(line: HitLogLine): void;
  /** Writes what is left and gives the file its name. */
  close(): Promise<void>;
}

/** Lines are handed to the file in pieces of about this size: a system call for each would cost the load its time. */
const pieceCharacters = 64 * 1024;

/**
 * Opens a log; it is PATH.partial until it is closed, then PATH.
 * @throws FILE_UNWRITABLE, here or from close()
 */
export async function openHitLog(path: string): Promise<HitLog> {
  const partial = `${path}.partial`;
  const unwritable = (cause: unknown) =>
    new FulcrumError("FILE_UNWRITABLE", { path, problem: problemOf(cause) }, { cause });
  const stream = await openStream(partial).catch((cause: unknown) => {
    throw unwritable(cause);
  });
  const whole = finished(stream);
  whole.catch(() => {});
  let piece = "";
  return {
    write(value) {
      piece += `${JSON.stringify(value)}\n`;
      if (piece.length < pieceCharacters) return;
      stream.write(piece);
      piece = "";
    },
    async close() {
      try {
        stream.end(piece);
        await whole;
        await rename(partial, path);
      } catch (cause) {
        throw unwritable(cause);
      }
    },
  };
}

async function openStream(path: string): Promise<WriteStream> {
  await mkdir(dirname(path), { recursive: true });
  return (await open(path, "w")).createWriteStream();
}

/**
 * Reads a log line by line.
 * @throws FILE_UNREADABLE, LOAD_FILE_INVALID
 */
export async function* readHitLog(path: string): AsyncGenerator<HitLogLine> {
  let number = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      yield parseLine(text, path, number);
    }
  } catch (cause) {
    if (cause instanceof FulcrumError) throw cause;
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  }
}

function parseLine(text: string, path: string, number: number): HitLogLine {
  const fail = (problem: string) =>
    new FulcrumError("LOAD_FILE_INVALID", { path, line: number, expected: "hit", problem });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail(problemOf(cause));
  }
  const result = line.safeParse(value);
  if (!result.success) throw fail(z.prettifyError(result.error));
  return result.data;
}
