/** Errors of runs, records and files. */
import type { ErrorTable } from "./table.ts";

export const runErrors = {
  RUN_RECORD_INVALID: {
    message: "{path} is not a record of the kind {kind}: {problem}. Next: delete the file and run again.",
    exit: "input",
  },
  RUN_RECORD_MISSING: { message: "{path} is missing. Next: run `fulcrum {verb}`.", exit: "input" },
  FILE_UNREADABLE: { message: "Cannot read {path}: {problem}.", exit: "input" },
  FILE_UNWRITABLE: {
    message: "Cannot write {path}: {problem}. Next: check free space and permissions.",
    exit: "environment",
  },
  RUN_LOCKED: {
    message: "Run {name} is in use by process {pid}. Next: wait for it, end it, or choose another name.",
    exit: "environment",
  },
} as const satisfies ErrorTable;
