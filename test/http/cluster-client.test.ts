/** The API server's client against a server of the test: whose fault a failure is, and bodies that break off. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ApiClient } from "../../src/cluster/client.ts";
import { connectCluster } from "../../src/cluster/index.ts";
import { httpServer } from "../kit/loopback.ts";

const access = {
  context: "lab",
  namespace: "default",
  authorize: async () => ({ headers: {}, dispatcher: undefined }),
};
const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };

test("a login that fails is told as such, not as a server that does not answer", async () => {
  const authorize = () => Promise.reject(new Error("spawn aws ENOENT"));
  const client = new ApiClient({ ...access, server: "http://127.0.0.1:1", authorize });
  await assert.rejects(client.version(), { code: "CLUSTER_LOGIN_FAILED", message: /lab.*spawn aws ENOENT/ });
});

for (const status of [200, 500]) {
  test(`a body of status ${status} that breaks off is a server that does not answer`, async (t) => {
    const { url } = await httpServer(t, (_request, response) => {
      response.writeHead(status, { "content-type": "application/json", "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    const client = new ApiClient({ ...access, server: url });
    const expected = { code: "CLUSTER_UNREACHABLE" };
    await assert.rejects(client.version(), expected);
    await assert.rejects(client.logs("a"), expected);
    await assert.rejects(client.apply(configMap), expected);
  });
}

test("requests one after the other share connections, and each has the token", async (t) => {
  const tokens: (string | undefined)[] = [];
  const server = await httpServer(t, (request, response) => {
    tokens.push(request.headers.authorization);
    response.writeHead(200, { "content-type": "application/json" }).end('{"gitVersion":"v1.37.2"}');
  });
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-client-"));
  t.after(() => rm(dir, { recursive: true }));
  const kubeconfig = join(dir, "config");
  const user = { name: "me", user: { token: "secret" } };
  const context = { name: "here", context: { cluster: "here", user: "me" } };
  const clusters = [{ name: "here", cluster: { server: server.url, "insecure-skip-tls-verify": true } }];
  await writeFile(
    kubeconfig,
    JSON.stringify({ "current-context": "here", clusters, users: [user], contexts: [context] }),
  );
  const cluster = await connectCluster({ kubeconfig });
  for (let i = 0; i < 6; i++) assert.equal(await cluster.version(), "v1.37.2");
  await cluster.close();
  assert.ok(server.connections <= 2, `${server.connections} connections`); // the next may begin before one is free
  assert.deepEqual(tokens, Array(6).fill("Bearer secret"));
});
