/** Events to the live page's state, and the progress that makes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { type LiveEvent, liveEvent } from "../../src/live/event.ts";
import { applyEvent, emptyState, maxPoints } from "../../src/live/state.ts";
import { toldProgress } from "../../src/live/told-progress.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { liveStory } from "../kit/live-story.ts";

function stateAfter(events: readonly LiveEvent[]) {
  const state = emptyState();
  for (const event of events) applyEvent(state, event);
  return state;
}

test("a run's events become stages with states and times, and its figures curves", () => {
  const state = stateAfter(liveStory().slice(0, 8));
  assert.deepEqual(
    state.tasks.map(({ id, state: is, seconds }) => [id, is, seconds]),
    [
      ["dataset", "done", 2],
      ["train/latency", "running", null],
      ["measure/auto/latency", "waiting", null],
    ],
  );
  assert.deepEqual(
    state.curves[0]?.points.map(({ epoch }) => epoch),
    [1, 2],
  );
  assert.equal(state.curves[0]?.task, "train/latency");
  assert.equal(state.steps[0]?.done, 2);
});

test("a new measurement empties the plots of the one before; the end leaves what was seen", () => {
  const state = stateAfter(liveStory());
  assert.equal(state.outcome, "done");
  assert.equal(state.load.length, 2);
  assert.equal(state.replicas.length, 3);
  applyEvent(state, { type: "measurement", epochMs: 9, id: "next/latency", load: "siege -c 10" });
  assert.deepEqual([state.load, state.resources, state.replicas], [[], [], []]);
});

test("a new run empties everything", () => {
  const [start] = liveStory();
  const state = stateAfter([...liveStory(), start!]);
  assert.deepEqual(state, stateAfter([start!]));
});

test("points stay bounded and span the whole time", () => {
  const state = emptyState();
  for (let i = 0; i < 5000; i++) {
    applyEvent(state, { type: "load", epochMs: i, seconds: 1, okay: 1, failed: 0, meanResponseMs: 1 });
  }
  assert.ok(state.load.length <= maxPoints);
  assert.deepEqual([state.load[0]?.epochMs, state.load.at(-1)?.epochMs], [0, 4999]);
});

test("progress is told: a step now and then, the figures of every epoch, notes as log lines", () => {
  const told: LiveEvent[] = [];
  const progress = toldProgress(noProgress, (event) => told.push(event), new FakeClock());
  const task = progress.task("head", 100, "epochs");
  for (let epoch = 1; epoch <= 100; epoch++) task.advance(0, `epoch ${epoch}`, { epoch, loss: 1 / epoch });
  task.finish("best epoch 7");
  progress.note("up to date");
  assert.deepEqual(
    told.filter(({ type }) => type !== "epoch").map((event) => ("isFinished" in event ? event.isFinished : event.type)),
    [false, true, "log", "log"],
  );
  const epochs = told.filter((event) => event.type === "epoch");
  assert.deepEqual([epochs.length, epochs.at(-1)?.epoch, epochs.at(-1)?.figures.loss], [100, 100, 0.01]);
});

test("every event of the story has the schema that readers check", () => {
  for (const event of liveStory()) assert.deepEqual(liveEvent.parse(event), event);
});
