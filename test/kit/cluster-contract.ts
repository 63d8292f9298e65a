/** What every cluster does, the real one and the fake: one suite for both. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cluster, KubeObject } from "../../src/cluster/index.ts";

const labels = { "fulcrum.test/contract": "yes" };
const configMap = (name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels },
  data,
});

/** @param open a cluster with a namespace in which nothing has the suite's labels */
export function clusterContract(
  what: string,
  open: () => Cluster | Promise<Cluster>,
  skip: string | false = false,
): void {
  const check = (name: string, body: (cluster: Cluster) => Promise<void>) =>
    test(`${what}: ${name}`, { skip }, async () => {
      const cluster = await open();
      try {
        await body(cluster);
      } finally {
        for (const object of await cluster.list("ConfigMap" as string, { labels })) {
          await cluster.remove({ kind: "ConfigMap", name: object.metadata.name });
        }
        await cluster.close();
      }
    });

  check("what is applied can be read, and a second apply changes nothing", async (cluster) => {
    const first = await cluster.apply(configMap("contract-a", { key: "1" }));
    const second = await cluster.apply(configMap("contract-a", { key: "1" }));
    assert.equal(second.object.metadata.resourceVersion, first.object.metadata.resourceVersion);
    const read = await cluster.read({ kind: "ConfigMap", name: "contract-a" });
    assert.deepEqual(read?.data, { key: "1" });
    assert.deepEqual(first.warnings, []);
  });

  check("a dry run stores nothing", async (cluster) => {
    const { object } = await cluster.apply(configMap("contract-b", { key: "1" }), { dryRun: true });
    assert.deepEqual(object.data, { key: "1" });
    assert.equal(await cluster.read({ kind: "ConfigMap", name: "contract-b" }), undefined);
  });

  check("lists choose by all labels", async (cluster) => {
    await cluster.apply(configMap("contract-c", {}));
    const found = await cluster.list("ConfigMap" as string, { labels });
    assert.deepEqual(
      found.map(({ kind, metadata }) => [kind, metadata.name]),
      [["ConfigMap", "contract-c"]],
    );
    assert.deepEqual(await cluster.list("ConfigMap" as string, { labels: { ...labels, other: "x" } }), []);
  });

  check("removing tells whether there was something", async (cluster) => {
    await cluster.apply(configMap("contract-d", {}));
    assert.equal(await cluster.remove({ kind: "ConfigMap", name: "contract-d" }), true);
    assert.equal(await cluster.remove({ kind: "ConfigMap", name: "contract-d" }), false);
  });

  check("a watch tells what is there, then every change, until the signal", async (cluster) => {
    await cluster.apply(configMap("contract-e", { key: "1" }));
    const over = new AbortController();
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = cluster.watch("ConfigMap" as "Pod", { labels, signal: over.signal }, ({ type, object }) => {
      seen.push(`${type} ${object.metadata.name}`);
      if (type === "ADDED") void cluster.apply(configMap("contract-e", { key: "2" }));
      if (type === "MODIFIED") void cluster.remove({ kind: "ConfigMap", name: "contract-e" });
      if (type === "DELETED") resolve();
    });
    await promise;
    over.abort();
    await done;
    assert.deepEqual(seen, ["ADDED contract-e", "MODIFIED contract-e", "DELETED contract-e"]);
  });
}
