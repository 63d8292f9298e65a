/** Errors of base models and model files. */
import type { ErrorTable } from "./table.ts";

export const modelErrors = {
  MODEL_FILE_INVALID: { message: "{path} is not a fulcrum model file: {problem}.", exit: "input" },
} as const satisfies ErrorTable;
