/** Samples of a platform in another process, from its admin address. */
import { z } from "zod";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { type PlatformEvent, platformEvent, type ResourceSample, resourceSample } from "../records/measurement.ts";

const state = z.object({ sample: resourceSample, events: z.array(platformEvent).default([]) });

export interface PlatformState {
  readonly sample: ResourceSample;
  /** Everything that happened since the platform started; empty where it does not tell. */
  readonly events: readonly PlatformEvent[];
}

/** The address of the state, whatever path was given. */
export function stateUrl(adminUrl: string): URL {
  const url = URL.parse("/fulcrum/state", adminUrl);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new FulcrumError("MONITOR_STATE_INVALID", { url: adminUrl, problem: "it is no http or https address" });
  }
  return url;
}

/**
 * GET of the state.
 * @throws MONITOR_STATE_INVALID when there is no answer, or it is no state
 */
export async function fetchPlatformState(url: URL, signal: AbortSignal): Promise<PlatformState> {
  const fail = (problem: string, cause?: unknown) =>
    new FulcrumError("MONITOR_STATE_INVALID", { url: url.href, problem }, { cause });
  let body: unknown;
  try {
    const response = await fetch(url, { signal, headers: { accept: "application/json" } });
    if (!response.ok) throw fail(`HTTP ${response.status}`);
    body = await response.json();
  } catch (cause) {
    if (cause instanceof FulcrumError) throw cause;
    const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
    throw fail(problemOf(reason), cause);
  }
  const result = state.safeParse(body);
  if (!result.success) throw fail(z.prettifyError(result.error));
  return result.data;
}
