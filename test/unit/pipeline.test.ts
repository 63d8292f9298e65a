/** The runner: what is stale and why, resuming, interruption, the lock. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { z } from "zod";
import { noProgress } from "../../src/base/progress.ts";
import { lockRun } from "../../src/pipeline/lock.ts";
import { describeTasks, runTasks } from "../../src/pipeline/runner.ts";
import { stateOf } from "../../src/pipeline/staleness.ts";
import { openRunStore } from "../../src/pipeline/store.ts";
import { defineTask, type Task } from "../../src/pipeline/task.ts";
import { defineRecord } from "../../src/records/record.ts";

const scratch = await mkdtemp(join(tmpdir(), "fulcrum-pipeline-"));
after(() => rm(scratch, { recursive: true, force: true }));
let runs = 0;
const freshStore = () => openRunStore(join(scratch, String(runs++)));

const kind = defineRecord("number", 1, z.object({ value: z.number(), secondsTaken: z.number() }));

/** A chain a -> b -> c; each value is its input plus the sum of what it needs. */
function chain(settings: Record<"a" | "b" | "c", number>, ran: string[], fail?: string): Task[] {
  const make = (id: "a" | "b" | "c", needs: string[]) =>
    defineTask({
      id,
      kind,
      needs,
      inputs: async () => ({ setting: settings[id] }),
      fingerprint: ({ value }) => value,
      async run({ store }) {
        if (id === fail) throw new Error("killed");
        ran.push(id);
        let value = settings[id];
        for (const need of needs) value += (await store.read(need, kind))!.body.value;
        return { value, secondsTaken: Math.random() };
      },
    });
  return [make("a", []), make("b", ["a"]), make("c", ["b"])];
}

async function run(tasks: Task[], store = freshStore(), signal = new AbortController().signal) {
  return runTasks({ tasks, store, tell: () => {}, seed: 1, progress: noProgress, signal });
}

test("a second run does nothing; a changed input re-runs what depends on it and no more", async () => {
  const store = freshStore();
  const ran: string[] = [];
  await run(chain({ a: 1, b: 10, c: 100 }, ran), store);
  await run(chain({ a: 1, b: 10, c: 100 }, ran), store);
  assert.deepEqual(ran, ["a", "b", "c"]);
  await run(chain({ a: 1, b: 20, c: 100 }, ran), store);
  assert.deepEqual(ran.slice(3), ["b", "c"]);
  assert.equal((await store.read("c", kind))!.body.value, 121);
});

test("a task that runs again with the same fingerprint leaves later ones alone", async () => {
  const store = freshStore();
  const ran: string[] = [];
  await run(chain({ a: 1, b: 1, c: 1 }, ran), store);
  await writeFile(join(store.dir, "a", "record.json"), "{ damaged");
  await run(chain({ a: 1, b: 1, c: 1 }, ran), store);
  assert.deepEqual(ran.slice(3), ["a"]);
});

test("a task that reads whole records runs again for what the fingerprint leaves out", async () => {
  const store = freshStore();
  const ran: string[] = [];
  const tasks = () => {
    const [a, b] = chain({ a: 1, b: 1, c: 1 }, ran);
    return [a!, { ...b!, readsWholeRecords: true }];
  };
  await run(tasks(), store);
  await rm(join(store.dir, "a", "record.json"));
  await run(tasks(), store);
  assert.deepEqual(ran, ["a", "b", "a", "b"]);
});

test("a run that ended in the middle goes on there", async () => {
  const store = freshStore();
  const ran: string[] = [];
  await assert.rejects(run(chain({ a: 1, b: 1, c: 1 }, ran, "b"), store), /killed/);
  await run(chain({ a: 1, b: 1, c: 1 }, ran), store);
  assert.deepEqual(ran, ["a", "b", "c"]);
});

test("status says what is stale and why", async () => {
  const store = freshStore();
  await run(chain({ a: 1, b: 1, c: 1 }, []), store);
  const states = await describeTasks(chain({ a: 2, b: 1, c: 1 }, []), store);
  assert.deepEqual(states, [
    { id: "a", state: "stale", reasons: ["setting changed"] },
    { id: "b", state: "stale", reasons: ["a has to run first"] },
    { id: "c", state: "stale", reasons: ["b has to run first"] },
  ]);
  assert.equal(stateOf("x", undefined, {}).state, "missing");
});

test("an aborted run stops before the next task", async () => {
  const ran: string[] = [];
  await assert.rejects(run(chain({ a: 1, b: 1, c: 1 }, ran), freshStore(), AbortSignal.abort()), {
    name: "AbortError",
  });
  assert.deepEqual(ran, []);
});

test("a run in use is refused; a lock whose process is gone is taken over", async () => {
  const dir = join(scratch, "locked");
  const release = await lockRun(dir);
  await assert.rejects(lockRun(dir), { code: "RUN_LOCKED" });
  await release();
  await writeFile(join(dir, "lock"), "999999999");
  await (await lockRun(dir))();
});
