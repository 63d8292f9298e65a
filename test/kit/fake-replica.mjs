// A replica for tests of the platform: announces its port, is ready after a while, answers with its name or dies.
import { createServer } from "node:http";

const readyAfterMs = Number(process.argv[2] ?? 0);
const startMs = Date.now();
const server = createServer((request, response) => {
  if (request.url === "/readyz") return response.writeHead(Date.now() - startMs >= readyAfterMs ? 200 : 503).end();
  if (request.url === "/die") return process.kill(process.pid, "SIGKILL");
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const delayMs = request.url === "/slow" ? 300 : 0;
    setTimeout(() => response.end(JSON.stringify({ pid: process.pid, body })), delayMs);
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ event: "listening", port: server.address().port })));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
process.stdin.on("end", () => process.exit(0)).resume();
