/** The embedded platform's load balancer with real replicas: what goes through, what is tried again, what is refused. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { maxBodyBytes } from "../../src/deploy/local/balancer.ts";
import { eventually } from "../kit/eventually.ts";
import { readyDeployment } from "../kit/local-deployment.ts";

interface Echo {
  readonly pid: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

test("a request goes through whole, without the headers of the connection", async (t) => {
  const { url } = await readyDeployment(t, { deployment: { shape: "single" } });
  const response = await fetch(`${url}/predict?x=1`, {
    method: "POST",
    headers: { "x-forwarded-for": "10.0.0.9", "x-own": "kept" },
    body: new Uint8Array([0, 255, 128]),
  });
  const echo = (await response.json()) as Echo;
  assert.equal(response.status, 201);
  assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal(response.headers.get("x-fulcrum-replica"), "replica-1");
  assert.equal(echo.method, "POST");
  assert.equal(echo.url, "/predict?x=1");
  assert.equal(echo.body, "\x00\xff\x80");
  assert.equal(echo.headers["x-own"], "kept");
  assert.equal(echo.headers["x-forwarded-for"], "10.0.0.9, 127.0.0.1");
  assert.equal(echo.headers.host, new URL(url).host);
});

test("headers that `connection` names stay on the connection", async (t) => {
  const { url } = await readyDeployment(t, { deployment: { shape: "single" } });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nX-Secret: 1\r\nX-Open: 2\r\nConnection: close, X-Secret\r\n\r\n");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  await once(socket, "close");
  assert.match(text, /"x-open":"2"/);
  assert.doesNotMatch(text, /x-secret/);
});

test("requests in turn go round the ready replicas", async (t) => {
  const { url } = await readyDeployment(t, { deployment: { replicas: 3 } });
  const pids: number[] = [];
  for (let i = 0; i < 6; i++) pids.push(((await (await fetch(url)).json()) as Echo).pid);
  assert.equal(new Set(pids.slice(0, 3)).size, 3);
  assert.deepEqual(pids.slice(3), pids.slice(0, 3));
});

test("a busy replica is left out while another is idle", async (t) => {
  const { url } = await readyDeployment(t);
  const slow = fetch(`${url}/work?ms=1000`).then((response) => response.headers.get("x-fulcrum-replica"));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const names = new Set<string | null>();
  for (let i = 0; i < 4; i++) names.add((await fetch(url)).headers.get("x-fulcrum-replica"));
  assert.equal(names.size, 1);
  assert.ok(!names.has(await slow));
});

test("a request whose replica dies before it answers is tried on one other", async (t) => {
  const deployment = await readyDeployment(t, { deployment: { replicas: 3 } });
  const response = await fetch(`${deployment.url}/exit`, { method: "POST", body: "kept for the second try" });
  // Both replicas that had it are dead; the third was not asked.
  assert.equal(response.status, 502);
  assert.equal(((await response.json()) as { error: { code: string } }).error.code, "DEPLOY_REPLICA_LOST");
  await eventually(() => deployment.events.filter(({ kind }) => kind === "crashed").length === 2);
  assert.equal((await fetch(deployment.url)).status, 201);
});

test("a request whose replica dies in the middle of the answer is not tried again", async (t) => {
  const deployment = await readyDeployment(t);
  await assert.rejects(async () => await (await fetch(`${deployment.url}/break`)).text());
  await eventually(() => deployment.events.some(({ kind }) => kind === "crashed"));
  assert.equal(deployment.events.filter(({ kind }) => kind === "crashed").length, 1);
});

test("without a ready replica the answer is 503 with Retry-After", async (t) => {
  const deployment = await readyDeployment(t, { deployment: { shape: "single" } });
  await fetch(`${deployment.url}/unready`);
  await eventually(() => deployment.snapshot().ready === 0);
  const response = await fetch(deployment.url);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal(((await response.json()) as { error: { code: string } }).error.code, "DEPLOY_NO_READY_REPLICA");
});

test("a body over the limit is refused before it is read", async (t) => {
  const { url } = await readyDeployment(t, { deployment: { shape: "single" } });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${maxBodyBytes + 1}\r\n\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1.1 413 /);
  socket.destroy();
});
