/** Errors of deployment and autoscaling. Those with an HTTP status are what the load balancer answers itself. */
import type { ErrorTable } from "./table.ts";

export const deployErrors = {
  DEPLOY_UNKNOWN: {
    message: "The project has no deployment {wanted}; it has: {known}. Next: name one, or add it to the project file.",
    exit: "usage",
  },
  DEPLOY_PATCH_INVALID: {
    message: "kubernetes.patches[{number}] (kind {kind}): {problem}. Next: see docs/kubernetes.md.",
    exit: "usage",
  },
  DEPLOY_RESOURCES_INVALID: {
    message: "{what} of {value} is above {bound}. Next: raise the one or lower the other.",
    exit: "usage",
  },
  DEPLOY_PORT_TAKEN: {
    message: "Cannot listen on port {port}: {problem}. Next: choose another with --port.",
    exit: "environment",
  },
  DEPLOY_NOTHING_FITS: {
    message: "No replica fits into the declared nodes: {reason} Next: lower the requests or declare larger nodes.",
    exit: "input",
  },
  DEPLOY_REPLICA_CRASHES: {
    message:
      "Replica {replica} crashed {crashes} times before it was ready: {detail}. Next: try `fulcrum serve MODEL`.",
    exit: "failure",
  },
  DEPLOY_NOT_READY: {
    message:
      "Only {ready} of {placed} replicas were ready after {seconds} s. Next: give them more CPU, or try `fulcrum serve MODEL`.",
    exit: "failure",
  },
  DEPLOY_NO_READY_REPLICA: {
    message: "No replica is ready to take the request. Try again soon.",
    exit: "failure",
    http: 503,
  },
  DEPLOY_REPLICA_LOST: {
    message: "The replica that had the request broke off before it answered ({problem}).",
    exit: "failure",
    http: 502,
  },
  DEPLOY_REPLICA_SLOW: {
    message: "The replica that had the request did not answer within {seconds} s.",
    exit: "failure",
    http: 504,
  },
  DEPLOY_BODY_TOO_LARGE: {
    message: "The request's body is larger than {limit} bytes, which is the most that the load balancer keeps.",
    exit: "input",
    http: 413,
  },
} as const satisfies ErrorTable;
