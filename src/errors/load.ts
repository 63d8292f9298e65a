/** Errors of load generation and monitoring. */
import type { ErrorTable } from "./table.ts";

export const loadErrors = {
  LOAD_URL_INVALID: { message: "{url} is not an http(s) address.", exit: "usage" },
} as const satisfies ErrorTable;
