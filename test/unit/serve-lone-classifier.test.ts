/** The session for lone photos: kept where it is faster, tried again after something else had the cores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Classifier } from "../../src/predict/index.ts";
import { LoneClassifier } from "../../src/serve/lone-classifier.ts";

const unused = () => assert.fail("not asked for here");

/** One that takes so long for a photo, and counts how often it was closed. */
function classifierTaking(ms: number): Classifier & { closed: number } {
  return {
    metadata: undefined as never,
    modelSha256: "",
    decode: unused,
    decodeNext: unused,
    classifyNext: unused,
    classify: unused,
    classifyInputs: unused,
    closed: 0,
    async classifyPixels() {
      await delay(ms);
      return [];
    },
    async dispose() {
      this.closed++;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}

test("more threads are used once they are faster, and tried again only after another photo", async () => {
  const narrow = classifierTaking(20);
  const opened: ReturnType<typeof classifierTaking>[] = [];
  const lone = new LoneClassifier(narrow, async () => {
    // The first try meets a busy machine.
    const wide = classifierTaking(opened.length === 0 ? 80 : 1);
    opened.push(wide);
    return wide;
  });
  await until(() => opened[0]?.closed === 1);
  assert.equal(lone.best, narrow);
  await delay(700);
  assert.equal(opened.length, 1, "no photo came since: nothing has changed");
  lone.photoCame();
  await until(() => lone.best === opened[1]);
  await lone.dispose();
  assert.deepEqual([opened[1]!.closed, narrow.closed], [1, 0]);
});

test("without more threads there is one session", async () => {
  const narrow = classifierTaking(1);
  const lone = new LoneClassifier(narrow, undefined);
  lone.photoCame();
  await delay(600);
  assert.equal(lone.best, narrow);
});
