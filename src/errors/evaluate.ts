/** Errors of evaluation. */
import type { ErrorTable } from "./table.ts";

export const evaluateErrors = {
  EVALUATE_CLASSES_DIFFER: {
    message:
      "The model's classes are not the photos': {model}; the photos': {data}. Next: use the photos it was made for.",
    exit: "input",
  },
} as const satisfies ErrorTable;
