/** A Kubernetes cluster as fulcrum uses it: one small interface, so that a fake can stand in its place in tests. */
import type { Kind, KindMap, KubeObject } from "./objects.ts";

/** Owner of the fields that fulcrum applies (server-side apply's field manager). */
export const fieldManager = "fulcrum";

export interface ObjectRef {
  readonly kind: string;
  readonly name: string;
  /** The cluster's own where it is left out. */
  readonly namespace?: string;
}

export interface ListOptions {
  /** null for all namespaces; the cluster's own where it is left out. */
  readonly namespace?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ApplyOptions {
  /** Asks what would be stored and stores nothing. */
  readonly dryRun?: boolean;
  /** Takes over fields that another manager owns. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

export interface Applied {
  /** As stored, or as it would be. */
  readonly object: KubeObject;
  /** The API server's own, as deprecations. */
  readonly warnings: readonly string[];
}

export interface Change<Object> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: Object;
}

export interface Cluster {
  /** Address of the API server. */
  readonly server: string;
  /** Name of the kubeconfig's context; "in-cluster" in a pod. */
  readonly context: string;
  /** Namespace that is meant where none is named. */
  readonly namespace: string;
  /** Version of the API server, as "v1.37.2". */
  version(): Promise<string>;
  /** Server-side apply under the field manager "fulcrum". @throws CLUSTER_CONFLICT, CLUSTER_REFUSED */
  apply(object: KubeObject, options?: ApplyOptions): Promise<Applied>;
  /** The object, or undefined where there is none. */
  read<K extends Kind>(ref: ObjectRef & { readonly kind: K }): Promise<KindMap[K] | undefined>;
  read(ref: ObjectRef): Promise<KubeObject | undefined>;
  list<K extends Kind>(kind: K, options?: ListOptions): Promise<KindMap[K][]>;
  list(kind: string, options?: ListOptions): Promise<KubeObject[]>;
  /** Deletes in the background; false where there is nothing. */
  remove(ref: ObjectRef): Promise<boolean>;
  /** Tells every change from now on, objects that are there first, until the signal. Survives a restart of the server. */
  watch<K extends Kind>(
    kind: K,
    options: ListOptions & { readonly signal: AbortSignal; readonly onTrouble?: (problem: string) => void },
    onChange: (change: Change<KindMap[K]>) => void,
  ): Promise<void>;
  /** Last lines of a pod's log. */
  logs(pod: string, options?: { readonly tailLines?: number; readonly previous?: boolean }): Promise<string>;
  /** Ends the connections. */
  close(): Promise<void>;
}
// Every method also throws CLUSTER_UNREACHABLE, CLUSTER_LOGIN_FAILED, CLUSTER_UNAUTHORIZED, CLUSTER_FORBIDDEN and CLUSTER_NAMESPACE_MISSING.
