/** Finds a cluster: a kubeconfig with its contexts, or the service account of the pod that this runs in. */
import { access } from "node:fs/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Dispatcher } from "undici";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { ApiClient, type Authorize } from "./client.ts";
import type { Cluster } from "./cluster.ts";

export interface ConnectOptions {
  /** Path of a kubeconfig. Left out: KUBECONFIG, ~/.kube/config or the pod's service account, as kubectl does. */
  readonly kubeconfig?: string | undefined;
  /** The kubeconfig's current one where it is left out. */
  readonly context?: string | undefined;
  /** The context's own where it is left out, else "default". */
  readonly namespace?: string | undefined;
}

/**
 * Reads the configuration; nothing is asked of the cluster yet.
 * @throws CLUSTER_CONFIG_INVALID, CLUSTER_CONTEXT_UNKNOWN
 */
export async function connectCluster(options: ConnectOptions = {}): Promise<Cluster> {
  const config = await loadConfig(options.kubeconfig);
  const { context } = options;
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!names.includes(context)) {
      throw new FulcrumError("CLUSTER_CONTEXT_UNKNOWN", { context, allowed: names.join(", ") || "none" });
    }
    config.setCurrentContext(context);
  }
  if (!config.getCurrentCluster()) {
    const problem = `its current context ${JSON.stringify(config.getCurrentContext() ?? "")} names no cluster`;
    throw new FulcrumError("CLUSTER_CONFIG_INVALID", { path: options.kubeconfig ?? "the kubeconfig", problem });
  }
  const own = config.getContextObject(config.getCurrentContext())?.namespace;
  return new ApiClient({
    server: config.getCurrentCluster()!.server,
    context: config.getCurrentContext(),
    namespace: options.namespace ?? own ?? "default",
    authorize: await authorizer(config),
  });
}

/** Credentials, TLS settings and proxy of the context, anew for each request: tokens run out. */
async function authorizer(config: KubeConfig): Promise<Authorize> {
  const { HttpMethod, RequestContext } = await import("@kubernetes/client-node");
  keepConnections(config);
  return async (url) => {
    const context = new RequestContext(url, HttpMethod.GET);
    await config.applySecurityAuthentication(context);
    return { headers: context.getHeaders(), dispatcher: context.getDispatcher() };
  };
}

/**
 * The library makes a dispatcher, and with it connections, for every request (createDispatcher of its 2.0, no setting).
 * Here one is kept as long as its certificates and proxy stay: what it is made of is compared at each request.
 */
function keepConnections(config: KubeConfig): void {
  const library = config as unknown as { createDispatcher(...of: unknown[]): Dispatcher | undefined };
  const create = library.createDispatcher.bind(config);
  let kept: { readonly key: string; readonly dispatcher: Dispatcher | undefined } | undefined;
  library.createDispatcher = (...of) => {
    const key = JSON.stringify(of);
    if (kept?.key !== key) kept = { key, dispatcher: create(...of) };
    return kept.dispatcher;
  };
}

async function loadConfig(path: string | undefined): Promise<KubeConfig> {
  // Loaded here and not above: it is large, and most commands need no cluster.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (path === undefined) {
      config.loadFromDefault();
    } else {
      await access(path);
      config.loadFromFile(path);
    }
  } catch (cause) {
    const problem = problemOf(cause);
    throw new FulcrumError("CLUSTER_CONFIG_INVALID", { path: path ?? "the default kubeconfig", problem }, { cause });
  }
  // The library's answer to "nothing found" is a cluster at http://localhost:8080, which nobody has.
  if (path === undefined && config.getCurrentCluster()?.server === "http://localhost:8080") {
    const problem = "there is neither a kubeconfig nor a pod's service account";
    throw new FulcrumError("CLUSTER_CONFIG_INVALID", { path: "the defaults", problem });
  }
  return config;
}
