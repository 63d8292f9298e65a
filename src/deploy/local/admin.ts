/** The deployment's state over HTTP, on the loopback address: for `fulcrum monitor` and whoever wants to look. */
import { createServer, type Server } from "node:http";

/** GET /fulcrum/state: `state()` as JSON, taken at each request. */
export function createAdmin(state: () => unknown): Server {
  return createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    const isState = request.method === "GET" && path === "/fulcrum/state";
    const body = isState ? state() : { error: { code: "NOT_FOUND", message: "There is GET /fulcrum/state." } };
    response.writeHead(isState ? 200 : 404, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(body));
  });
}
