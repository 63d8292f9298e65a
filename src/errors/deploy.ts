/** Errors of deployment and autoscaling. */
import type { ErrorTable } from "./table.ts";

export const deployErrors = {
  DEPLOY_TARGET_UNKNOWN: { message: "Unknown target {target}; allowed: {allowed}.", exit: "usage" },
} as const satisfies ErrorTable;
