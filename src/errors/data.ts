/** Errors of data sets. */
import type { ErrorTable } from "./table.ts";

export const dataErrors = {
  DATA_DIR_MISSING: { message: "No folder {dir}. Next: check the path.", exit: "input" },
} as const satisfies ErrorTable;
