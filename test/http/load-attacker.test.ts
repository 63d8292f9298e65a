/** What comes of a request, by what the server does. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { type Answer, openAttacker } from "../../src/load/attacker.ts";
import { getRequest } from "../../src/load/request.ts";
import { settle } from "../kit/fake-clock.ts";
import { httpServer, refusedUrl, tcpServer } from "../kit/loopback.ts";

async function attack(t: TestContext, url: string, options: { keepAlive?: boolean; timeoutMs?: number } = {}) {
  const { keepAlive = false, timeoutMs = 5000 } = options;
  const attacker = await openAttacker(getRequest(url), { clock: systemClock, keepAlive, timeoutMs });
  t.after(() => attacker.close());
  return attacker;
}

async function sendTo(t: TestContext, url: string, timeoutMs = 5000): Promise<Answer> {
  return (await attack(t, url, { timeoutMs })).send();
}

test("an answer: status, bytes of the body, times in order", async (t) => {
  const { url } = await httpServer(t, (_request, response) => void response.end("x".repeat(100_000)));
  const answer = await sendTo(t, url);
  assert.deepEqual([answer.status, answer.bytes, answer.error], [200, 100_000, null]);
  assert.ok(answer.sentMs <= answer.firstByteMs! && answer.firstByteMs! <= answer.finishedMs);
});

test("a chunked answer counts its data alone", async (t) => {
  const { url } = await httpServer(t, (_request, response) => {
    response.write("first");
    setImmediate(() => response.end("second"));
  });
  const answer = await sendTo(t, url);
  assert.deepEqual([answer.status, answer.bytes, answer.error], [200, 11, null]);
});

test("an error status is an answer", async (t) => {
  const { url } = await httpServer(t, (_request, response) => void response.writeHead(503).end("busy"));
  const answer = await sendTo(t, url);
  assert.deepEqual([answer.status, answer.bytes, answer.error], [503, 4, null]);
});

test("nothing listens", async (t) => {
  const answer = await sendTo(t, await refusedUrl());
  assert.deepEqual([answer.status, answer.error], [null, "ECONNREFUSED"]);
});

const failures: readonly [string, RequestListener, string][] = [
  ["the connection is reset", (request) => void request.socket.resetAndDestroy(), "ECONNRESET"],
  ["the connection is closed without an answer", (request) => void request.socket.end(), "truncated"],
  [
    "the body ends early",
    (request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("x".repeat(10), () => request.socket.end());
    },
    "truncated",
  ],
  ["no byte comes in time", () => {}, "timeout"],
];
for (const [name, listener, error] of failures) {
  test(name, async (t) => {
    const { url } = await httpServer(t, listener);
    assert.equal((await sendTo(t, url, 100)).error, error);
  });
}

test("another protocol answers", async (t) => {
  const { url } = await tcpServer(t, (socket) => void socket.write("220 mail ready\r\n\r\n"));
  assert.equal((await sendTo(t, url)).error, "malformed");
});

test("requests in flight can be cut off", async (t) => {
  const { url } = await httpServer(t, () => {});
  const attacker = await attack(t, url);
  const answers = Promise.all([attacker.send(), attacker.send()]);
  attacker.cutOff("cut-off");
  assert.deepEqual(
    (await answers).map(({ error }) => error),
    ["cut-off", "cut-off"],
  );
});

test("each request has a connection of its own, or with keep-alive one after the other shares it", async (t) => {
  const server = await httpServer(t, (_request, response) => void response.end("x"));
  const separate = await attack(t, server.url);
  for (let i = 0; i < 3; i++) assert.equal((await separate.send()).error, null);
  assert.equal(server.connections, 3);
  const shared = await attack(t, server.url, { keepAlive: true });
  for (let i = 0; i < 3; i++) assert.equal((await shared.send()).error, null);
  assert.equal(server.connections, 4);
});

test("a kept connection that the server closed is not used again", async (t) => {
  const sockets: Socket[] = [];
  const server = await httpServer(t, (request, response) => {
    sockets.push(request.socket);
    response.end("x");
  });
  const attacker = await attack(t, server.url, { keepAlive: true });
  assert.equal((await attacker.send()).status, 200);
  const closed = once(sockets[0]!, "close");
  sockets[0]!.end();
  await closed;
  await settle();
  assert.equal((await attacker.send()).error, null);
  assert.equal(server.connections, 2);
});

test("a name that does not exist is an error before any load", async () => {
  const options = { clock: systemClock, keepAlive: false, timeoutMs: 1000 };
  await assert.rejects(
    openAttacker(getRequest("http://no-such-host.invalid/"), options),
    (error) => isFulcrumError(error, "LOAD_HOST_UNKNOWN") && error.message.includes("no-such-host.invalid"),
  );
});
