/** Servers on a free port of this machine, closed when the test ends. */
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface Loopback {
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
}

/** An HTTP server. */
export async function httpServer(t: TestContext, listener: RequestListener): Promise<Loopback> {
  return listen(t, createHttpServer(listener));
}

/** A server that speaks whatever the test wants. */
export async function tcpServer(t: TestContext, listener: (socket: Socket) => void): Promise<Loopback> {
  return listen(t, createServer(listener));
}

/** An address at which nothing listens. */
export async function refusedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}

async function listen(t: TestContext, server: Server): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
  };
}
