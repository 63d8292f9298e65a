/**
 * A worker process for tests that does with a photo what its text says: "crash", "hangup" (a SIGHUP), "hang" (blocks the whole process, as
 * native code would), "refuse", "slow"; anything else is class 0. A model path "bad" cannot be opened.
 */
import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { FulcrumError } from "../../src/errors/index.ts";
import { linkDescriptor } from "../../src/serve/worker-link.ts";
import { runWorker } from "../../src/serve/worker-loop.ts";
import { fakeModel } from "./serve.ts";

runWorker(new Socket({ fd: linkDescriptor }), async ({ modelPath }) => {
  if (modelPath === "bad") throw new FulcrumError("MODEL_FILE_INVALID", { path: modelPath, problem: "it is a test" });
  return { model: fakeModel, classify, dispose: async () => {} };
});

async function classify(photo: Uint8Array) {
  const text = Buffer.from(photo).toString("utf8");
  if (text === "crash") process.kill(process.pid, "SIGSEGV");
  if (text === "hangup") {
    process.kill(process.pid, "SIGHUP");
    await delay(50);
  }
  if (text === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (text === "refuse") throw new FulcrumError("IMAGE_UNREADABLE", { name: "The upload", problem: "it is a test" });
  if (text === "slow") await delay(200);
  return { probabilities: Float32Array.of(0.7, 0.2, 0.1), decodeMs: 2, inferenceMs: 6 };
}
