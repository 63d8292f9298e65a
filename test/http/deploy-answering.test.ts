/** The moment between ready pods and a service that answers at its address. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { waitUntilAnswering } from "../../src/deploy/kubernetes/answering.ts";
import { freePort } from "../kit/free-port.ts";

test("it waits while the connection is refused and while the answer is no", async (t) => {
  const port = await freePort();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    response.writeHead(asked.length < 3 ? 503 : 200).end();
  });
  t.after(() => server.close());
  let isOver = false;
  const waiting = waitUntilAnswering({ name: "food", url: `http://127.0.0.1:${port}` }).then(() => {
    isOver = true;
  });
  await delay(300);
  assert.equal(isOver, false);
  server.listen(port, "127.0.0.1");
  await waiting;
  assert.deepEqual(asked, ["/readyz", "/readyz", "/readyz"]);
});

test("an address that never answers is an error that names it, and a signal ends the wait", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  await assert.rejects(waitUntilAnswering({ name: "food", url, timeoutSeconds: 0.2 }), {
    code: "DEPLOY_NO_ADDRESS",
    message: new RegExp(`food .*${url} did not answer: .*ECONNREFUSED`),
  });
  const reason = new Error("enough");
  await assert.rejects(waitUntilAnswering({ name: "food", url, signal: AbortSignal.abort(reason) }), reason);
});
