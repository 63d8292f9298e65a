/**
 * The load balancer: each request to the ready replica with the fewest under way. A request is tried on another
 * replica at most once, and only if not a byte of a response had come; for that its body is kept (and bounded).
 * A response goes through as it comes. A slow replica is not tried elsewhere: that would double the load just when
 * there is too much of it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { FulcrumError } from "../../errors/index.ts";
import { pickReplica } from "../../policy/balance.ts";
import type { Attempt, Backend, HeldRequest } from "./backend.ts";
import { requestHeaders } from "./headers.ts";

export interface Balancer {
  readonly server: Server;
  /** Stops listening; requests under way are answered within `graceMs`, then their connections are cut. */
  close(graceMs: number): Promise<void>;
}

/** A photo of the service's largest size and the multipart form around it. */
export const maxBodyBytes = 24 * 1024 ** 2;
/** Longest wait for a replica's response, as common load balancers have it. */
export const answerTimeoutMs = 60_000;
/** Longer than clients usually keep a connection, so that they end it and none is cut under a new request. */
const keepAliveMs = 75_000;

/** @param ready the replicas that may take a request at this moment */
export function createBalancer(ready: () => readonly Backend[]): Balancer {
  let lastOrdinal = 0;
  const pick = (tried: Backend | undefined) => {
    const backend = pickReplica(
      ready().filter((candidate) => candidate !== tried),
      lastOrdinal,
    );
    if (backend) lastOrdinal = backend.ordinal;
    return backend;
  };
  let isClosing = false;
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (incoming, outgoing) => {
    outgoing.on("error", () => {}); // the client left; its "close" is what matters
    outgoing.once("close", () => {
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
    void balance(incoming, outgoing, pick);
  });
  return {
    server,
    async close(graceMs) {
      isClosing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

type Pick = (tried: Backend | undefined) => Backend | undefined;

async function balance(incoming: IncomingMessage, outgoing: ServerResponse, pick: Pick): Promise<void> {
  try {
    const body = await readBody(incoming);
    if (outgoing.destroyed) return;
    const headers = requestHeaders(incoming.headers, incoming.socket.remoteAddress ?? "unknown", body?.length ?? null);
    await tryTwice({ incoming, outgoing, headers, body }, pick);
  } catch (error) {
    if (!(error instanceof FulcrumError)) throw error;
    refuse(outgoing, error);
  }
}

async function tryTwice(request: HeldRequest, pick: Pick): Promise<void> {
  const first = pick(undefined);
  if (!first) throw new FulcrumError("DEPLOY_NO_READY_REPLICA", {});
  const attempt = await first.attempt(request);
  if (attempt.end !== "lost" || !attempt.isUntouched) return conclude(attempt);
  const second = pick(first);
  return conclude(second ? await second.attempt(request) : attempt);
}

function conclude(attempt: Attempt): void {
  if (attempt.end === "slow") throw new FulcrumError("DEPLOY_REPLICA_SLOW", { seconds: answerTimeoutMs / 1000 });
  if (attempt.end === "lost") throw new FulcrumError("DEPLOY_REPLICA_LOST", { problem: attempt.problem });
}

/** The whole body; null where the request has none. @throws DEPLOY_BODY_TOO_LARGE */
async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (length === undefined && encoding === undefined) return null;
  const tooLarge = () => new FulcrumError("DEPLOY_BODY_TOO_LARGE", { limit: maxBodyBytes });
  if (Number(length ?? 0) > maxBodyBytes) throw tooLarge();
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBodyBytes) throw tooLarge();
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof FulcrumError) throw error;
    return null; // the client left in the middle: there is nobody to answer
  }
  return Buffer.concat(parts);
}

/** Answers in the service's own form of errors. */
function refuse(outgoing: ServerResponse, error: FulcrumError): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  const body = JSON.stringify({ error: { code: error.code, message: error.message } });
  outgoing.writeHead(error.httpStatus, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    ...(error.httpStatus === 503 && { "retry-after": "1" }),
    // What was not read of a too large body would be taken for the next request.
    ...(error.httpStatus === 413 && { connection: "close" }),
  });
  outgoing.end(body);
}
