/**
 * A replica that does what a test tells it, run as a process of its own: `node replica-server.ts [key=value ...]`.
 * ready=MS: /readyz answers 200 so long after the start; crash=MS: it exits with 7 so long after the start.
 * Requests: /work?ms=N answers after N ms, /burn?ms=N takes so much CPU time first, /hold?mib=N takes and keeps memory,
 * /unready makes /readyz fail, /exit ends it without an answer, /break ends it in the middle of one; anything else
 * echoes method, headers and body as JSON.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const settings = new Map(process.argv.slice(2).map((pair) => pair.split("=") as [string, string]));
const startedMs = performance.now();
const kept: Buffer[] = [];
let isReady = true;

const routes: Record<string, (response: ServerResponse, query: URLSearchParams) => void> = {
  "/readyz"(response) {
    const isUp = isReady && performance.now() - startedMs >= Number(settings.get("ready") ?? 0);
    response.writeHead(isUp ? 200 : 503).end();
  },
  "/work"(response, query) {
    setTimeout(() => response.end(String(process.pid)), Number(query.get("ms")));
  },
  "/burn"(response, query) {
    const before = process.cpuUsage();
    const used = () => (process.cpuUsage(before).user + process.cpuUsage(before).system) / 1000;
    while (used() < Number(query.get("ms")));
    response.end(String(process.pid));
  },
  "/hold"(response, query) {
    for (let mib = 0; mib < Number(query.get("mib")); mib++) kept.push(Buffer.alloc(2 ** 20, 1));
    response.end(String(kept.length));
  },
  "/unready"(response) {
    isReady = false;
    response.end();
  },
  "/exit": () => process.exit(7),
  "/break"(response) {
    response.writeHead(200, { "content-length": 100 });
    response.write("half", () => process.exit(7));
  },
};

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString("latin1");
  response.writeHead(201, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] });
  response.end(
    JSON.stringify({ pid: process.pid, method: request.method, url: request.url, headers: request.headers, body }),
  );
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://replica");
  const route = routes[pathname];
  if (route) route(response, searchParams);
  else void echo(request, response);
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ event: "listening", port: (server.address() as AddressInfo).port }));
});
if (settings.has("crash")) setTimeout(() => process.exit(7), Number(settings.get("crash")));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
process.stdin.on("end", () => process.exit(0)).resume();
