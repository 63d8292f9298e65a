/** A ready pod is not yet a service that answers: the nodes learn of it a moment later. */
import { type Clock, systemClock } from "../../base/clock.ts";
import { problemOf } from "../../base/files.ts";
import { FulcrumError } from "../../errors/index.ts";

export interface AnsweringOptions {
  /** Service that is asked. */
  readonly name: string;
  readonly url: string;
  /** Default 30. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

const pollMs = 100;
/** A connection that nobody answers, as that to a node without the service, is given up and tried again. */
const requestMs = 2000;

/**
 * Resolves when the service says at its address that it takes photos.
 * @throws DEPLOY_NO_ADDRESS where it never did; the signal's reason when aborted
 */
export async function waitUntilAnswering(options: AnsweringOptions): Promise<void> {
  const { name, url, timeoutSeconds = 30, signal, clock = systemClock } = options;
  const endMs = clock.nowMs() + timeoutSeconds * 1000;
  for (;;) {
    const problem = await problemAt(`${url}/readyz`, signal);
    if (problem === undefined) return;
    if (clock.nowMs() >= endMs) {
      throw new FulcrumError("DEPLOY_NO_ADDRESS", { name, problem: `${url} did not answer: ${problem}` });
    }
    await clock.sleep(pollMs, signal);
  }
}

async function problemAt(url: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(requestMs);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    await response.arrayBuffer();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    signal?.throwIfAborted();
    return problemOf(error instanceof Error && error.cause ? error.cause : error);
  }
}
