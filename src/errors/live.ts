/** Errors of the live page. */
import type { ErrorTable } from "./table.ts";

export const liveErrors = {
  LIVE_CANNOT_LISTEN: {
    message: "The live page cannot listen on {host}:{port}: {problem}. Next: choose another port with --port (0: any).",
    exit: "environment",
  },
} as const satisfies ErrorTable;
