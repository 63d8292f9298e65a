/** Errors of the prediction service. */
import type { ErrorTable } from "./table.ts";

export const serveErrors = {
  SERVE_OVERLOADED: {
    message: "The service is busy ({waiting} requests wait). Next: try again in {seconds} s.",
    exit: "failure",
    http: 503,
  },
} as const satisfies ErrorTable;
