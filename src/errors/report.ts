/** Errors of the report. */
import type { ErrorTable } from "./table.ts";

export const reportErrors = {
  REPORT_NOTHING: { message: "Run {name} holds no records to report. Next: run `fulcrum run`.", exit: "input" },
  REPORT_FILES_UNCLEAR: {
    message:
      "Cannot tell what {value} is: {problem}. Next: give each model its files, as --from accuracy=load_output.csv,resource_usage.csv.",
    exit: "usage",
  },
} as const satisfies ErrorTable;
