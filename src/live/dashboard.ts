/** The live page's server: read-only, this machine only unless another host is asked for. */
import type { AddressInfo } from "node:net";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { problemOf } from "../base/files.ts";
import { isProcessAlive } from "../base/process-alive.ts";
import { FulcrumError } from "../errors/index.ts";
import { openFeed } from "./feed.ts";
import { contentSecurityPolicy, loadPageFiles, type PageFile } from "./page-files.ts";

export interface DashboardOptions {
  /** Folder of the run: runs/NAME. It need not be there yet. */
  readonly runDir: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface Dashboard {
  readonly url: string;
  close(): Promise<void>;
}

/** Proxies and browsers end a silent connection; the page notices a lost one by its silence. */
const heartbeatMs = 5000;

const mostUnsentBytes = 4 << 20;

/** @throws LIVE_CANNOT_LISTEN */
export async function startDashboard({ runDir, host, port }: DashboardOptions): Promise<Dashboard> {
  const feed = openFeed(runDir, isProcessAlive);
  const app = fastify({ forceCloseConnections: true });
  for (const file of await loadPageFiles()) addFile(app, file);
  const streams = new Set<() => void>();
  app.get("/events", (request, reply) => streamEvents(request, reply, feed, streams));
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw new FulcrumError("LIVE_CANNOT_LISTEN", { host, port, problem: problemOf(cause) }, { cause });
  }
  const address = app.server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    async close() {
      feed.close();
      for (const end of streams) end();
      await app.close();
    },
  };
}

function addFile(app: FastifyInstance, { path, contentType, content }: PageFile): void {
  app.get(path, (_request, reply) =>
    reply
      .header("content-type", contentType)
      .header("content-security-policy", contentSecurityPolicy)
      .header("x-content-type-options", "nosniff")
      .header("referrer-policy", "no-referrer")
      .header("cache-control", "no-cache")
      .send(content),
  );
}

/** Server-sent events (WHATWG HTML, section 9.2): the browser connects again by itself. */
async function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  feed: ReturnType<typeof openFeed>,
  streams: Set<() => void>,
): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.write("retry: 1000\n\n");
  const leave = await feed.join((message) => {
    response.write(`data: ${JSON.stringify(message)}\n\n`);
    // A viewer that does not read is let go; its browser comes back for a snapshot.
    if (response.writableLength > mostUnsentBytes) response.destroy();
  });
  const heartbeat = setInterval(() => response.write("event: heartbeat\ndata:\n\n"), heartbeatMs);
  const end = () => {
    clearInterval(heartbeat);
    leave();
    streams.delete(end);
    response.end();
  };
  streams.add(end);
  request.raw.socket.once("close", end);
  if (request.raw.socket.destroyed) end();
}
