/** Errors of evaluation. */
import type { ErrorTable } from "./table.ts";

export const evaluateErrors = {
  EVALUATE_CLASSES_DIFFER: {
    message:
      "The model's classes are not the photos': {model}; the photos': {data}. Next: use the photos it was made for.",
    exit: "input",
  },
  EVALUATE_SPLIT_EMPTY: {
    message:
      "There are no photos in the {split} split of {dir}. Allowed: a split with photos (training, validation, evaluation). Next: choose another with --split, or add photos.",
    exit: "input",
  },
} as const satisfies ErrorTable;
