/** Errors of the report. */
import type { ErrorTable } from "./table.ts";

export const reportErrors = {
  REPORT_NOTHING: { message: "Run {name} holds no records to report. Next: run `fulcrum run`.", exit: "input" },
} as const satisfies ErrorTable;
