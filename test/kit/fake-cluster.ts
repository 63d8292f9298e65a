/** A cluster of plain values: stores what is applied and tells watchers; tests put pods, nodes and events in themselves. */
import type {
  Applied,
  ApplyOptions,
  Change,
  Cluster,
  KubeMetadata,
  KubeObject,
  ListOptions,
  ObjectRef,
} from "../../src/cluster/index.ts";
import type { FulcrumError } from "../../src/errors/index.ts";

type PlainObject = { readonly apiVersion?: string; readonly kind: string; readonly metadata: KubeMetadata };
type Watcher = { kind: string; options: ListOptions; onChange: (change: Change<never>) => void };

export class FakeCluster {
  readonly server = "https://fake.test";
  readonly context = "fake";
  readonly namespace = "default";
  readonly #objects = new Map<string, KubeObject>();
  readonly #watchers = new Set<Watcher>();
  readonly #logs = new Map<string, string>();
  #counter = 0;
  /** Every request fails with this while it is set. */
  failure: FulcrumError | null = null;

  async version(): Promise<string> {
    return "v1.37.2";
  }

  async apply(object: KubeObject, { dryRun = false }: ApplyOptions = {}): Promise<Applied> {
    this.#check();
    const before = this.#objects.get(this.#key(object.kind, object.metadata.name, object.metadata.namespace));
    const merged = merge(before ?? {}, object) as KubeObject;
    const isSame = before !== undefined && JSON.stringify(merged) === JSON.stringify(before);
    if (isSame) return { object: before, warnings: [] };
    return { object: dryRun ? merged : this.put(merged), warnings: [] };
  }

  /** Stores an object as the cluster's own controllers would, and tells the watchers. */
  put<Object extends PlainObject>(object: Object): KubeObject {
    const { name, namespace = this.namespace } = object.metadata;
    const key = this.#key(object.kind, name, namespace);
    const before = this.#objects.get(key);
    const stored: KubeObject = {
      apiVersion: "v1",
      ...object,
      metadata: {
        uid: before?.metadata.uid ?? `uid-${object.kind}-${name}-${++this.#counter}`,
        creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString(),
        ...object.metadata,
        namespace,
        resourceVersion: String(++this.#counter),
      },
    };
    this.#objects.set(key, stored);
    this.#tell(before ? "MODIFIED" : "ADDED", stored);
    return stored;
  }

  putLog(pod: string, text: string): void {
    this.#logs.set(pod, text);
  }

  async read({ kind, name, namespace }: ObjectRef): Promise<KubeObject | undefined> {
    this.#check();
    return this.#objects.get(this.#key(kind, name, namespace));
  }

  async list(kind: string, options: ListOptions = {}): Promise<KubeObject[]> {
    this.#check();
    return [...this.#objects.values()].filter((object) => object.kind === kind && this.#matches(object, options));
  }

  async remove({ kind, name, namespace }: ObjectRef): Promise<boolean> {
    this.#check();
    const key = this.#key(kind, name, namespace);
    const object = this.#objects.get(key);
    if (!object) return false;
    this.#objects.delete(key);
    this.#tell("DELETED", object);
    return true;
  }

  async watch(
    kind: string,
    options: ListOptions & { signal: AbortSignal },
    onChange: (change: Change<never>) => void,
  ): Promise<void> {
    const present = await this.list(kind, options);
    const watcher = { kind, options, onChange };
    this.#watchers.add(watcher);
    for (const object of present) onChange({ type: "ADDED", object: object as never });
    await new Promise((resolve) => options.signal.addEventListener("abort", resolve, { once: true }));
    this.#watchers.delete(watcher);
  }

  async logs(pod: string): Promise<string> {
    return this.#logs.get(pod) ?? "";
  }

  async close(): Promise<void> {}

  #key(kind: string, name: string, namespace: string = this.namespace): string {
    return `${kind}/${namespace}/${name}`;
  }

  #matches(object: KubeObject, { namespace = this.namespace, labels = {} }: ListOptions): boolean {
    const isHere = namespace === null || object.kind === "Node" || object.metadata.namespace === namespace;
    return isHere && Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value);
  }

  #tell(type: Change<never>["type"], object: KubeObject): void {
    for (const { kind, options, onChange } of this.#watchers) {
      if (kind === object.kind && this.#matches(object, options)) onChange({ type, object: object as never });
    }
  }

  #check(): void {
    if (this.failure) throw this.failure;
  }
}

/** The fake as the interface: its objects are what a test put in, so their types are the test's word. */
export const asCluster = (fake: FakeCluster): Cluster => fake as unknown as Cluster;

function merge(before: unknown, after: unknown): unknown {
  if (!isMap(before) || !isMap(after)) return after;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(keys.map((key) => [key, key in after ? merge(before[key], after[key]) : before[key]]));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
