/**
 * A service with a fixed service time, for measuring load generators: answers every request after MS milliseconds.
 * Runs in a process of its own: `node bench/service.ts MS`. Prints its port.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const serviceMs = Number(process.argv[2] ?? 50);
const body = Buffer.alloc(200, "x");
const server = createServer((_request, response) => {
  setTimeout(() => response.end(body), serviceMs);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
