/** Packing, balancing, removal and restarts: the platform's smaller decisions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pickReplica } from "../../src/policy/balance.ts";
import { type NodeRoom, placeReplica } from "../../src/policy/pack.ts";
import { delayAfterCrash, freshRestartState } from "../../src/policy/restart.ts";
import { chooseForRemoval, type RemovableReplica } from "../../src/policy/scale-down.ts";

const gibibyte = 2 ** 30;
const kibibyte = 2 ** 10;

/** Nodes of the original: 4 CPUs, 8 GiB, of which system pods request 405m and 432730Ki. */
function originalNodes(count: number): NodeRoom[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `node${i + 1}`,
    capacity: { cpuMillis: 4000, memoryBytes: 8 * gibibyte },
    requested: { cpuMillis: 405, memoryBytes: 432_730 * kibibyte },
    replicas: 0,
  }));
}

/** Places one replica after the other until one does not fit; the nodes, and why it did not. */
function fill(nodes: NodeRoom[], requests: NodeRoom["capacity"]): { places: string[]; reason: string } {
  const places: string[] = [];
  for (;;) {
    const placement = placeReplica(nodes, requests);
    if ("reason" in placement) return { places, reason: placement.reason };
    places.push(placement.node);
    nodes = nodes.map((node) =>
      node.name !== placement.node
        ? node
        : {
            ...node,
            requested: {
              cpuMillis: node.requested.cpuMillis + requests.cpuMillis,
              memoryBytes: node.requested.memoryBytes + requests.memoryBytes,
            },
            replicas: node.replicas + 1,
          },
    );
  }
}

test("replicas spread over nodes, in the order of declaration where all is equal", () => {
  const { places, reason } = fill(originalNodes(3), { cpuMillis: 1000, memoryBytes: gibibyte });
  assert.deepEqual(places.slice(0, 6), ["node1", "node2", "node3", "node1", "node2", "node3"]);
  assert.equal(places.length, 9); // floor((4000 - 405) / 1000) on each node
  assert.equal(reason, "0/3 nodes are available: 3 Insufficient cpu.");
});

test("memory can be what is short, or both", () => {
  // (8 GiB - 432730 KiB) / 2 GiB: three fit, and the system pods take the place of the fourth
  const { places, reason } = fill(originalNodes(1), { cpuMillis: 100, memoryBytes: 2 * gibibyte });
  assert.equal(places.length, 3);
  assert.equal(reason, "0/1 nodes are available: 1 Insufficient memory.");
  const both = placeReplica(originalNodes(2), { cpuMillis: 9000, memoryBytes: 9 * gibibyte });
  assert.deepEqual(both, { reason: "0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory." });
});

test("what just fits fits", () => {
  const nodes = originalNodes(1);
  const left = { cpuMillis: 4000 - 405, memoryBytes: 8 * gibibyte - 432_730 * kibibyte };
  assert.deepEqual(placeReplica(nodes, left), { node: "node1" });
  assert.ok("reason" in placeReplica(nodes, { ...left, cpuMillis: left.cpuMillis + 1 }));
});

test("among nodes with as many replicas the emptier one is taken", () => {
  const [first, second] = originalNodes(2);
  const fuller = { ...first!, requested: { cpuMillis: 2000, memoryBytes: gibibyte } };
  assert.deepEqual(placeReplica([fuller, second!], { cpuMillis: 500, memoryBytes: gibibyte }), { node: "node2" });
});

test("the next request goes to the least loaded replica, ties go round", () => {
  const replicas = (...inFlight: number[]) => inFlight.map((count, i) => ({ ordinal: i + 1, inFlight: count }));
  assert.equal(pickReplica(replicas(2, 0, 1), 0)?.ordinal, 2);
  const turns = [0, 1, 2, 3].map((last) => pickReplica(replicas(0, 0, 0), last)?.ordinal);
  assert.deepEqual(turns, [1, 2, 3, 1]);
  assert.equal(pickReplica(replicas(0, 1, 0), 1)?.ordinal, 3);
  assert.equal(pickReplica([], 0), undefined);
});

test("those that would be missed least are removed first", () => {
  const replica = (name: string, changes: Partial<RemovableReplica>): RemovableReplica => ({
    name,
    node: "a",
    readySinceMs: 1000,
    restarts: 0,
    ordinal: 1,
    ...changes,
  });
  const replicas = [
    replica("old", { readySinceMs: 10, node: "b" }),
    replica("young", { readySinceMs: 500, node: "c", ordinal: 2 }),
    replica("crowded old", { readySinceMs: 20, node: "a", ordinal: 3 }),
    replica("crowded young", { readySinceMs: 30, node: "a", ordinal: 4 }),
    replica("starting", { readySinceMs: null, node: "d", ordinal: 5 }),
    replica("pending", { readySinceMs: null, node: null, ordinal: 6 }),
  ];
  assert.deepEqual(
    chooseForRemoval(replicas, 5).map(({ name }) => name),
    ["pending", "starting", "crowded young", "crowded old", "young"],
  );
});

test("crashed replicas wait 0, 10, 20 ... 300 s, and start afresh after ten quiet minutes", () => {
  let state = freshRestartState;
  const delays = Array.from({ length: 8 }, () => {
    const next = delayAfterCrash(state, 1000);
    state = next.state;
    return next.delayMs / 1000;
  });
  assert.deepEqual(delays, [0, 10, 20, 40, 80, 160, 300, 300]);
  assert.equal(delayAfterCrash(state, 600_000).delayMs, 0);
});
