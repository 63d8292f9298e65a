/** A replica as the load balancer knows it: its kept connections and what is under way on them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, Pool } from "undici";
import { problemOf } from "../../base/files.ts";
import { endToEnd, type ForwardedHeaders, type Headers } from "./headers.ts";

/** A request that is held as long as it may have to be sent again. */
export interface HeldRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly headers: ForwardedHeaders;
  readonly body: Buffer | null;
}

/**
 * How an attempt ended. `over`: answered, or broken off in the middle, which the client sees. `slow`: no response in
 * time. `lost`: the connection broke before there was a response to pass on; `isUntouched` where not a byte of one
 * had come, so that another replica may try.
 */
export type Attempt =
  | { readonly end: "over" | "slow" }
  | { readonly end: "lost"; readonly problem: string; readonly isUntouched: boolean };

export class Backend {
  readonly name: string;
  readonly ordinal: number;
  readonly #pool: Pool;
  #inFlight = 0;
  readonly #waitingForIdle = new Set<() => void>();

  /** @param answerTimeoutMs from the request's last byte to the response's headers, and between parts of its body */
  constructor(name: string, ordinal: number, port: number, answerTimeoutMs: number) {
    this.name = name;
    this.ordinal = ordinal;
    this.#pool = new Pool(`http://127.0.0.1:${port}`, {
      pipelining: 1,
      connect: { timeout: 2000 },
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
  }

  /** Requests sent and not answered to the end. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Sends the request and streams the response to the client. Never rejects. */
  async attempt(request: HeldRequest): Promise<Attempt> {
    this.#inFlight++;
    try {
      return await exchange(this.#pool, request, this.name);
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) for (const wake of this.#waitingForIdle) wake();
    }
  }

  /** Resolves when nothing is under way; the caller has taken it out of the balancer. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForIdle.add(resolve));
  }

  /** Breaks all connections. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function exchange(pool: Pool, { incoming, outgoing, headers, body }: HeldRequest, name: string): Promise<Attempt> {
  const { promise, resolve } = Promise.withResolvers<Attempt>();
  let hasBegun = false;
  let abort = (_reason: Error) => {};
  const clientLeft = () => {
    if (!outgoing.writableFinished) abort(new Error("the client has left"));
  };
  outgoing.once("close", clientLeft);
  const finish = (attempt: Attempt) => {
    outgoing.off("close", clientLeft);
    resolve(attempt);
  };
  const { method = "GET", url = "/" } = incoming;
  pool.dispatch(
    { method, path: url, headers, body },
    {
      onRequestStart(controller) {
        abort = (reason) => controller.abort(reason);
        if (outgoing.destroyed) clientLeft();
      },
      onResponseStarted() {
        hasBegun = true;
      },
      onResponseStart(_controller, status, answered, statusText) {
        if (status < 200) return;
        const kept = { ...endToEnd(answered as Headers), "x-fulcrum-replica": name };
        outgoing.writeHead(status, statusText ?? "", kept);
      },
      onResponseData(controller, chunk) {
        if (outgoing.write(chunk)) return;
        controller.pause();
        outgoing.once("drain", () => controller.resume());
      },
      onResponseEnd() {
        outgoing.end();
        finish({ end: "over" });
      },
      onResponseError(_controller, error) {
        if (outgoing.destroyed || outgoing.headersSent) {
          outgoing.destroy();
          finish({ end: "over" });
        } else if (error instanceof errors.HeadersTimeoutError) finish({ end: "slow" });
        else finish({ end: "lost", problem: problemOf(error), isUntouched: !hasBegun });
      },
    },
  );
  return promise;
}
