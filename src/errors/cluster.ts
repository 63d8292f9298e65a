/** Errors of a Kubernetes cluster, and of deployments on one. */
import type { ErrorTable } from "./table.ts";

export const clusterErrors = {
  CLUSTER_CONFIG_INVALID: {
    message:
      "No cluster can be found by {path}: {problem}. Next: name a kubeconfig with --kubeconfig or KUBECONFIG, and try `kubectl version` with it.",
    exit: "environment",
  },
  CLUSTER_CONTEXT_UNKNOWN: {
    message: "The kubeconfig has no context {context}; allowed: {allowed}. Next: choose one with --context.",
    exit: "usage",
  },
  CLUSTER_UNREACHABLE: {
    message: "The API server {server} does not answer: {problem}. Next: check the address, the network and --context.",
    exit: "environment",
  },
  CLUSTER_UNAUTHORIZED: {
    message: "The API server {server} does not accept the credentials of context {context}. Next: log in again.",
    exit: "environment",
  },
  CLUSTER_LOGIN_FAILED: {
    message:
      "Context {context} gives no credentials: {problem}. Next: log in again, and try `kubectl version` with it.",
    exit: "environment",
  },
  CLUSTER_FORBIDDEN: {
    message:
      "The cluster does not allow this: {problem}. Next: ask for the rights in docs/kubernetes.md (Rights), or choose another --namespace.",
    exit: "environment",
  },
  CLUSTER_QUOTA: {
    message: "A quota of the namespace does not allow this: {problem}. Next: lower requests, limits or replicas.",
    exit: "input",
  },
  CLUSTER_NAMESPACE_MISSING: {
    message: "There is no namespace {namespace} in the cluster. Next: create it, or choose another with --namespace.",
    exit: "input",
  },
  CLUSTER_CONFLICT: {
    message:
      "{kind} {name} has fields that somebody else manages: {problem}. Next: choose another --name, or take them over with --force.",
    exit: "input",
  },
  CLUSTER_REFUSED: { message: "The API server refuses {what}: {problem}.", exit: "input" },
  CLUSTER_KIND_UNKNOWN: { message: "Kind {kind} is not known; allowed: {allowed}.", exit: "bug" },
  DEPLOY_NAME_TAKEN: {
    message:
      "{kind} {name} in namespace {namespace} was not made by {maker}. Next: choose another name or namespace; fulcrum does not touch it.",
    exit: "input",
  },
  DEPLOY_ROLLOUT_FAILED: {
    message:
      "{name} is not ready ({ready} of {asked} after {seconds} s): {reasons} Next: mend it and deploy again, or `fulcrum rollback {name}`.",
    exit: "failure",
  },
  DEPLOY_NOT_FOUND: {
    message: "fulcrum has no deployment {name} in namespace {namespace}; there are: {known}.",
    exit: "input",
  },
  DEPLOY_NO_ADDRESS: {
    message:
      "Service {name} has no address that can be loaded from here: {problem}. Next: see `kubectl get service {name}`, or choose another --service.",
    exit: "environment",
  },
  SEARCH_NOTHING_ANSWERED: {
    message: "No trial of {name} was answered, so none is the best. Next: see whether {url} can be reached from here.",
    exit: "failure",
  },
  DEPLOY_NO_REVISION: {
    message: "{name} has no revision before this one to go back to. Next: deploy an earlier model again.",
    exit: "input",
  },
  LOAD_JOB_FAILED: {
    message: "The load in the cluster ended without figures: {problem}.",
    exit: "failure",
  },
} as const satisfies ErrorTable;
