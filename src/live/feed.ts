/** The state of a run for many viewers: follows the journal while somebody looks, and does nothing while nobody does. */
import { join } from "node:path";
import type { LiveEvent } from "./event.ts";
import { journalFile } from "./journal.ts";
import { applyEvent, emptyState, type LiveState } from "./state.ts";
import { followJournal, pollEveryMs } from "./tail.ts";

/** What a viewer gets: first the whole state, then what is added to it. */
export type FeedMessage = { readonly snapshot: LiveState } | { readonly events: readonly LiveEvent[] };
export type Viewer = (message: FeedMessage) => void;

export interface Feed {
  /** Sends the snapshot, then every batch of events; the returned function ends that. */
  join(viewer: Viewer): Promise<() => void>;
  close(): void;
}

/** @param isAlive tells whether the process of that number still runs */
export function openFeed(runDir: string, isAlive: (pid: number) => boolean): Feed {
  const tail = followJournal(join(runDir, journalFile));
  const state = emptyState();
  const viewers = new Set<Viewer>();
  let pid: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;

  const read = async () => {
    const events = await tail.next();
    for (const event of events) if (event.type === "run") pid = event.pid;
    const isKilled = events.length === 0 && state.outcome === "running" && pid !== undefined && !isAlive(pid);
    if (isKilled) events.push({ type: "end", epochMs: Date.now(), outcome: "interrupted" });
    for (const event of events) applyEvent(state, event);
    if (events.length > 0) for (const viewer of viewers) viewer({ events });
  };
  /** One read at a time, so that events are applied in order. */
  const refresh = () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    async join(viewer) {
      await refresh();
      viewer({ snapshot: state });
      viewers.add(viewer);
      timer ??= setInterval(() => void refresh(), pollEveryMs);
      return () => {
        viewers.delete(viewer);
        if (viewers.size === 0) stop();
      };
    },
    close() {
      viewers.clear();
      stop();
    },
  };
}
