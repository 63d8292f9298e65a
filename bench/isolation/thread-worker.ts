/** The alternative that was not taken: the inference worker in a thread of the server's process. */
import { parentPort } from "node:worker_threads";
import type { Frame } from "../../src/serve/frames.ts";
import type { FromWorkerFrame, ToWorker } from "../../src/serve/messages.ts";
import { openPhotoClassifier } from "../../src/serve/photo-classifier.ts";
import type { PhotoClassifier } from "../../src/serve/worker-loop.ts";

let classifier: PhotoClassifier | undefined;

parentPort!.on("message", async ({ header, body }: Frame<ToWorker>) => {
  if (header.kind === "open") {
    classifier = await openPhotoClassifier(header);
    say({ header: { kind: "ready", model: classifier.model }, body: new Uint8Array() });
    return;
  }
  const { probabilities, decodeMs, inferenceMs } = await classifier!.classify(body, header.form, header.isLone);
  const usage = { cpuSeconds: 0, residentBytes: 0 };
  say({ header: { kind: "answer", decodeMs, inferenceMs, usage }, body: new Uint8Array(probabilities.buffer) });
});

function say(frame: FromWorkerFrame): void {
  parentPort!.postMessage(frame);
}
