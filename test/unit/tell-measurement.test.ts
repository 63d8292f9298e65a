/** What the live page is told of a measurement: states of replicas, and the load only where it is known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveEvent } from "../../src/live/index.ts";
import { liveReplica, tellMeasurement } from "../../src/pipeline/tell-measurement.ts";

test("states of replicas in the words of the live page", () => {
  const stateOf = (phase: string, ready: boolean, wasReady: boolean, node: string | null = "n1") =>
    liveReplica({ name: "a", node, phase, ready }, wasReady).state;
  assert.equal(stateOf("Pending", false, false, null), "pending");
  assert.equal(stateOf("Pending", false, false), "starting");
  assert.equal(stateOf("Running", false, false), "starting");
  assert.equal(stateOf("Running", true, true), "ready");
  assert.equal(stateOf("Running", false, true), "unready");
  assert.equal(stateOf("CrashLoopBackOff", false, false), "unready");
  assert.equal(stateOf("Terminating", false, true), "ending");
});

for (const isLoadHere of [true, false]) {
  test(`a load ${isLoadHere ? "from here is told" : "from elsewhere is not told as none"}`, async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const told: LiveEvent["type"][] = [];
    const look = () => Promise.reject(new Error("not asked here"));
    const tell = ({ type }: LiveEvent) => void told.push(type);
    const teller = tellMeasurement({ id: "web/a", load: "siege", look, isLoadHere, tell });
    t.mock.timers.tick(1000);
    teller.stop();
    assert.deepEqual(told, isLoadHere ? ["measurement", "load"] : ["measurement"]);
  });
}
