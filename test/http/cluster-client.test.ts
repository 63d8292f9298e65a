/** The API server's client against a server of the test: whose fault a failure is, and bodies that break off. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../src/cluster/client.ts";
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
