/**
 * The cluster over the API server's REST interface. The Kubernetes library gives configuration, credentials and TLS (connect.ts);
 * requests are sent as they are, so that objects come back as the server wrote them, with its warnings.
 * Source: "Kubernetes API Concepts" and "Server-Side Apply" of the documentation.
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { type Dispatcher, fetch, type Response } from "undici";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import type { ObjectRef } from "./cluster.ts";
import {
  type Applied,
  type ApplyOptions,
  type Change,
  type Cluster,
  fieldManager,
  type ListOptions,
} from "./cluster.ts";
import { failureOf, type Status } from "./failure.ts";
import type { Kind, KindMap, KubeObject } from "./objects.ts";
import { pathOf, renderSelector, resources } from "./resources.ts";
import { watchObjects } from "./watch.ts";

/** A request without an answer for this long has failed. */
const answerTimeoutMs = 15_000;
/** The server ends a watch after this long and it is begun again; a dead connection is found by it, too. */
const watchSeconds = 240;

interface Call {
  readonly method?: "GET" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  /** What the body is, for errors. */
  readonly object?: ObjectRef;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** For answers that stream: no time-out but the signal's. */
  readonly streams?: boolean;
}

/** What a request to this URL needs. */
export type Authorize = (url: string) => Promise<{
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher | undefined;
}>;

export interface ApiAccess {
  readonly server: string;
  readonly context: string;
  readonly namespace: string;
  readonly authorize: Authorize;
}

export class ApiClient implements Cluster {
  readonly server: string;
  readonly context: string;
  readonly namespace: string;
  readonly #authorize: Authorize;
  readonly #over = new AbortController();

  constructor({ server, context, namespace, authorize }: ApiAccess) {
    this.server = server;
    this.context = context;
    this.namespace = namespace;
    this.#authorize = authorize;
  }

  async version(): Promise<string> {
    const answer = await this.#json("/version", {});
    return (answer as { gitVersion: string }).gitVersion;
  }

  async apply(object: KubeObject, { dryRun = false, force = false, signal }: ApplyOptions = {}): Promise<Applied> {
    const { kind, metadata } = object;
    const path = pathOf(kind, metadata.namespace ?? this.namespace, metadata.name);
    const response = await this.#request(path, {
      method: "PATCH",
      query: { fieldManager, force: String(force), dryRun: dryRun ? "All" : undefined },
      contentType: "application/apply-patch+yaml", // JSON is YAML
      body: JSON.stringify(object),
      object: { kind, name: metadata.name },
      signal,
    });
    const stored = await this.#reaching(signal, () => response.json());
    return { object: stored as KubeObject, warnings: warningsOf(response) };
  }

  async read<K extends Kind>({ kind, name, namespace }: ObjectRef & { kind: K }): Promise<KindMap[K] | undefined> {
    try {
      return (await this.#json(pathOf(kind, namespace ?? this.namespace, name), {})) as KindMap[K];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async list<K extends Kind>(kind: K, options: ListOptions = {}): Promise<KindMap[K][]> {
    return (await this.#listAt(kind, options)).items;
  }

  /** The list and the version of the collection, from which a watch goes on. */
  async #listAt<K extends Kind>(kind: K, options: ListOptions): Promise<{ items: KindMap[K][]; version: string }> {
    const answer = (await this.#json(this.#collection(kind, options), {
      query: selection(options),
      signal: options.signal,
    })) as { items?: KindMap[K][]; metadata?: { resourceVersion?: string } };
    const { apiVersion } = resources[kind]!;
    const items = (answer.items ?? []).map((item) => ({ ...item, apiVersion, kind })); // lists leave them out
    return { items, version: answer.metadata?.resourceVersion ?? "" };
  }

  #collection(kind: string, { namespace = this.namespace }: ListOptions): string {
    return pathOf(kind, namespace);
  }

  async remove({ kind, name, namespace }: ObjectRef): Promise<boolean> {
    try {
      await this.#request(pathOf(kind, namespace ?? this.namespace, name), {
        method: "DELETE",
        query: { propagationPolicy: "Background" },
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  watch<K extends Kind>(
    kind: K,
    options: ListOptions & { signal: AbortSignal; onTrouble?: (problem: string) => void },
    onChange: (change: Change<KindMap[K]>) => void,
  ): Promise<void> {
    const signal = AbortSignal.any([options.signal, this.#over.signal]);
    const source = {
      list: () => this.#listAt(kind, { ...options, signal }),
      stream: (version: string) => this.#changes(kind, { ...options, signal }, version),
    };
    return watchObjects(source, { ...options, signal }, onChange);
  }

  async #changes(kind: string, options: ListOptions, version: string): Promise<AsyncIterable<string>> {
    const response = await this.#request(this.#collection(kind, options), {
      query: {
        ...selection(options),
        watch: "true",
        resourceVersion: version,
        timeoutSeconds: String(watchSeconds),
      },
      signal: options.signal,
      streams: true,
    });
    return createInterface(Readable.fromWeb(response.body!));
  }

  async logs(pod: string, { tailLines, previous }: { tailLines?: number; previous?: boolean } = {}): Promise<string> {
    const response = await this.#request(`${pathOf("Pod", this.namespace, pod)}/log`, {
      query: { tailLines: tailLines?.toString(), previous: previous ? "true" : undefined },
    });
    return this.#reaching(undefined, () => response.text());
  }

  async close(): Promise<void> {
    this.#over.abort();
  }

  /**
   * Sends one request.
   * @throws the catalogue's error for every answer that is no success
   */
  async #request(path: string, call: Call): Promise<Response> {
    const url = new URL(this.server + path);
    for (const [key, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, value);
    }
    const signals = [this.#over.signal, ...(call.signal ? [call.signal] : [])];
    if (!call.streams) signals.push(AbortSignal.timeout(answerTimeoutMs));
    const { headers, dispatcher } = await this.#credentials(url);
    const init = {
      method: call.method ?? "GET",
      headers: {
        ...headers,
        accept: "application/json",
        ...(call.contentType === undefined ? {} : { "content-type": call.contentType }),
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
      signal: AbortSignal.any(signals),
    };
    const response = await this.#reaching(call.signal, () => fetch(url, init));
    if (response.ok) return response;
    const text = await this.#reaching(call.signal, () => response.text());
    throw failureOf({
      server: this.server,
      context: this.context,
      path,
      status: response.status,
      body: statusOf(text),
      object: call.object,
    });
  }

  async #json(path: string, call: Call): Promise<unknown> {
    const response = await this.#request(path, call);
    return this.#reaching(call.signal, () => response.json());
  }

  /** A login that fails is no fault of the server's: waiting for it would not help. @throws CLUSTER_LOGIN_FAILED */
  async #credentials(url: URL): ReturnType<Authorize> {
    try {
      return await this.#authorize(url.href);
    } catch (cause) {
      const { context } = this;
      throw new FulcrumError("CLUSTER_LOGIN_FAILED", { context, problem: problemOf(cause) }, { cause });
    }
  }

  /** Sends, or reads a body: a connection can break at either. @throws CLUSTER_UNREACHABLE */
  async #reaching<Value>(signal: AbortSignal | undefined, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      throw new FulcrumError("CLUSTER_UNREACHABLE", { server: this.server, problem: reasonOf(cause) }, { cause });
    }
  }
}

function selection({ labels }: ListOptions): Record<string, string | undefined> {
  return { labelSelector: labels && renderSelector(labels) };
}

/** `299 - "text"` lines of the Warning header (RFC 7234). */
function warningsOf(response: Response): string[] {
  const header = response.headers.get("warning") ?? "";
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replace(/\\(.)/g, "$1"));
}

function statusOf(text: string): Status {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return { message: text.slice(0, 300) };
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof FulcrumError && error.cause === "not found";
}

/** fetch says "fetch failed" and keeps why in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError && cause.errors.length > 0) return problemOf(cause.errors[0]);
  return problemOf(cause ?? error);
}
