/**
 * The load balancer: each request to the ready replica with the fewest under way. It is tried on a second replica at most
 * once, and only while no byte of an answer has come.
 */
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { pickReplica } from "../../policy/balance.ts";

export interface Backend {
  readonly name: string;
  /** Grows with every replica that is started. */
  readonly ordinal: number;
  readonly port: number;
  inFlight: number;
}

export interface Balancer {
  readonly server: Server;
  /** Requests that no replica could take or answer. */
  readonly failures: () => number;
  close(): Promise<void>;
}

/** Bodies are kept for the second try, so they are bounded. */
const maxBodyBytes = 20 * 1024 * 1024;
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @param backends the ready replicas at this moment */
export function createBalancer(backends: () => readonly Backend[]): Balancer {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  let lastOrdinal = -1;
  let failures = 0;
  const server = createServer((incoming, outgoing) => {
    outgoing.on("error", () => {});
    void readBody(incoming).then((body) => {
      if (body === undefined) refuse(outgoing, 413, "DEPLOY_BODY_TOO_LARGE", `more than ${maxBodyBytes} bytes`);
      else forward({ incoming, outgoing, body, tried: [] });
    });
  });

  function forward(exchange: Exchange): void {
    const { incoming, outgoing, body, tried } = exchange;
    const ready = backends().filter((backend) => !tried.includes(backend));
    const backend = pickReplica(ready, lastOrdinal);
    if (!backend) {
      failures++;
      refuse(outgoing, tried.length > 0 ? 502 : 503, "DEPLOY_NO_READY_REPLICA", "no replica is ready");
      return;
    }
    lastOrdinal = backend.ordinal;
    tried.push(backend);
    backend.inFlight++;
    let done = false;
    const finish = () => {
      if (!done) backend.inFlight--;
      done = true;
    };
    const headers = forwardedHeaders(incoming, body);
    const { method = "GET", url = "/" } = incoming;
    const outbound = request({ host: "127.0.0.1", port: backend.port, method, path: url, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
      answer.pipe(outgoing);
      answer.once("close", finish);
      answer.once("error", () => outgoing.destroy());
    });
    outbound.once("error", () => {
      finish();
      if (outgoing.headersSent) outgoing.destroy();
      else if (tried.length < 2) forward(exchange);
      else {
        failures++;
        refuse(outgoing, 502, "DEPLOY_REPLICA_FAILED", "two replicas did not answer");
      }
    });
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) outbound.destroy();
    });
    outbound.end(body);
  }

  return {
    server,
    failures: () => failures,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          agent.destroy();
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: Buffer;
  readonly tried: Backend[];
}

/** The whole body; undefined where it is too large. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of incoming) {
      bytes += (part as Buffer).length;
      if (bytes > maxBodyBytes) return undefined;
      parts.push(part as Buffer);
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(parts);
}

function forwardedHeaders(incoming: IncomingMessage, body: Buffer): Record<string, string | string[]> {
  const headers = withoutHopByHop(incoming.headers);
  const before = incoming.headers["x-forwarded-for"];
  const client = incoming.socket.remoteAddress ?? "unknown";
  headers["x-forwarded-for"] = before ? `${String(before)}, ${client}` : client;
  if (body.length > 0) headers["content-length"] = String(body.length);
  return headers;
}

function withoutHopByHop(headers: IncomingMessage["headers"]): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name, value]) => !hopByHop.has(name) && value !== undefined);
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

function refuse(outgoing: ServerResponse, status: number, code: string, message: string): void {
  const body = JSON.stringify({ error: { code, message } });
  outgoing.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(status === 503 && { "retry-after": "1" }),
  });
  outgoing.end(body);
}
