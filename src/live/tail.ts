/** Follows a journal: gives the events that are there, then those that are added, also over a new run's start. */
import { open, stat } from "node:fs/promises";
import { type LiveEvent, liveEvent } from "./event.ts";

/** A page redraws a few times a second; a look at a file's size costs microseconds. */
export const pollEveryMs = 250;

export interface Tail {
  /** Reads what is new; empty where nothing is, or where there is no file. */
  next(): Promise<LiveEvent[]>;
}

export function followJournal(path: string): Tail {
  let position = 0;
  let inode = 0;
  let rest = Buffer.alloc(0);
  return {
    async next() {
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) return [];
      if (found.ino !== inode || found.size < position) {
        position = 0;
        rest = Buffer.alloc(0);
        inode = found.ino;
      }
      if (found.size === position) return [];
      const read = await readFrom(path, position, found.size - position).catch(() => undefined);
      if (read === undefined) return []; // replaced or unreadable just now: the next look tells
      const bytes = Buffer.concat([rest, read]);
      position += read.byteLength;
      const end = bytes.lastIndexOf("\n") + 1;
      rest = bytes.subarray(end);
      return bytes.subarray(0, end).toString("utf8").split("\n").flatMap(parseLine);
    },
  };
}

async function readFrom(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A line of another version is left out: the page then shows what both know. */
function parseLine(line: string): LiveEvent[] {
  if (line === "") return [];
  try {
    const parsed = liveEvent.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
