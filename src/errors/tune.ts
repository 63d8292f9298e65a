/** Errors of the search. */
import type { ErrorTable } from "./table.ts";

export const tuneErrors = {
  TUNE_NOTHING: {
    message:
      "After {seconds} s of {budget} s no candidate was trained in full, so there is nothing to choose from. Next: run the same command with a larger --budget; it goes on from here.",
    exit: "failure",
  },
} as const satisfies ErrorTable;
