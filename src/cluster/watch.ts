/**
 * Watches a kind: lists, then follows the changes from the list's version; where the stream breaks it begins again, so
 * that a restart of the API server costs some seconds of news and no error. Source: "Efficient detection of changes" of
 * the documentation's "Kubernetes API Concepts".
 */
import { type Clock, systemClock } from "../base/clock.ts";
import { problemOf } from "../base/files.ts";
import { isFulcrumError } from "../errors/index.ts";
import type { Change } from "./cluster.ts";
import type { Stored } from "./objects.ts";

/** Where the objects come from. */
export interface WatchSource<Object> {
  /** All objects, and the version of the collection from which a stream goes on. */
  list(): Promise<{ readonly items: readonly Object[]; readonly version: string }>;
  /** Lines of JSON, a change each, until the server ends them. */
  stream(version: string): Promise<AsyncIterable<string>>;
}

export interface WatchOptions {
  readonly signal: AbortSignal;
  readonly onTrouble?: (problem: string) => void;
  readonly clock?: Clock;
}

const pauseMs = 1000;

export async function watchObjects<Object extends Stored>(
  source: WatchSource<Object>,
  { signal, onTrouble, clock = systemClock }: WatchOptions,
  onChange: (change: Change<Object>) => void,
): Promise<void> {
  const known = new Map<string, Object>();
  const tell = (change: Change<Object>) => {
    const { uid, resourceVersion } = change.object.metadata;
    if (change.type === "DELETED") known.delete(uid);
    else if (known.get(uid)?.metadata.resourceVersion === resourceVersion) return;
    else known.set(uid, change.object);
    onChange(change);
  };
  while (!signal.aborted) {
    const beganMs = clock.nowMs();
    try {
      const { items, version } = await source.list();
      const present = new Set(items.map(({ metadata }) => metadata.uid));
      for (const [uid, object] of [...known]) if (!present.has(uid)) tell({ type: "DELETED", object });
      for (const object of items) tell({ type: known.has(object.metadata.uid) ? "MODIFIED" : "ADDED", object });
      await follow(await source.stream(version), tell);
    } catch (error) {
      if (signal.aborted) return;
      onTrouble?.(problemOf(error));
      if (isFulcrumError(error, "CLUSTER_FORBIDDEN")) return; // it would be so again
    }
    // One that ends at once, broken or not, would be begun without a pause for ever.
    if (clock.nowMs() - beganMs < pauseMs) await clock.sleep(pauseMs, signal).catch(() => {});
  }
}

async function follow<Object>(lines: AsyncIterable<string>, tell: (change: Change<Object>) => void): Promise<void> {
  for await (const line of lines) {
    const { type, object } = JSON.parse(line) as { type: string; object: Object };
    if (type === "ERROR") return; // the version is too old: list again
    if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") tell({ type, object });
  }
}
