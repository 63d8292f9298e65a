/** Errors of deployment and autoscaling. */
import type { ErrorTable } from "./table.ts";

export const deployErrors = {
  DEPLOY_TARGET_UNKNOWN: {
    message: "Target {target} is not available in this version; allowed: {allowed}.",
    exit: "usage",
  },
  DEPLOY_PORT_TAKEN: {
    message: "Cannot listen on port {port}: {problem}. Next: choose another with --port.",
    exit: "environment",
  },
  DEPLOY_NOT_READY: {
    message:
      "Only {ready} of {placed} replicas were ready after {seconds} s (last crash: {last}). Next: try `fulcrum serve MODEL`.",
    exit: "failure",
  },
} as const satisfies ErrorTable;
