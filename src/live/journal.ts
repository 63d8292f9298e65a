/** Writes a run's events to live.jsonl beside its records. Telling is buffered and never holds up or fails the run. */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { LiveEvent, Tell } from "./event.ts";

export const journalFile = "live.jsonl";
const flushEveryMs = 200;

export interface Journal {
  readonly tell: Tell;
  /** Writes what is left. */
  close(): void;
}

/**
 * Starts a new journal in the run's folder; it takes the place of an earlier run's. Where the file cannot be written the
 * run goes on untold: the page is a view, not a record.
 */
export function openJournal(runDir: string): Journal {
  let file: number | undefined;
  let buffer: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    const text = buffer.join("");
    buffer = [];
    attempt(() => {
      if (file !== undefined && text !== "") writeSync(file, text);
    });
  };
  attempt(() => {
    mkdirSync(runDir, { recursive: true });
    // Another file under the same name, not the same file cut to nothing: a reader cannot take one run for the other.
    const fresh = join(runDir, `.${journalFile}.${process.pid}.tmp`);
    file = openSync(fresh, "w");
    renameSync(fresh, join(runDir, journalFile));
  });
  return {
    tell(event: LiveEvent) {
      buffer.push(`${JSON.stringify(event)}\n`);
      timer ??= setTimeout(flush, flushEveryMs).unref();
    },
    close() {
      clearTimeout(timer);
      flush();
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // Disk full or a folder that may not be written: the records say so where it matters.
  }
}
