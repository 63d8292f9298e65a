/** The module that an inference worker's process runs: the real classifier on the link of the server. */
import { Socket } from "node:net";
import { decodePhoto } from "../images/index.ts";
import { openClassifier } from "../predict/index.ts";
import type { OpenMessage } from "./messages.ts";
import { linkDescriptor } from "./worker-link.ts";
import { type PhotoClassifier, runWorker, timed } from "./worker-loop.ts";

runWorker(new Socket({ fd: linkDescriptor }), openPhotoClassifier);

/** Opens the model and runs it once: a worker that says "ready" has inferred, and the first photo is not the slow one. */
async function openPhotoClassifier({ modelPath, threads }: OpenMessage): Promise<PhotoClassifier> {
  const classifier = await openClassifier(modelPath, { threads });
  await classifier.classifyPixels([{ width: 1, height: 1, data: new Uint8Array(3) }]);
  const { classes, bases, synthetic } = classifier.metadata;
  return {
    model: { classes, bases: bases.map(({ id }) => id), synthetic, sha256: classifier.modelSha256 },
    async classify(photo) {
      const { result: pixels, ms: decodeMs } = await timed(() => decodePhoto(photo, "The upload"));
      const { result: predictions, ms: inferenceMs } = await timed(() => classifier.classifyPixels([pixels]));
      return { probabilities: predictions[0]!.probabilities, decodeMs, inferenceMs };
    },
    dispose: () => classifier.dispose(),
  };
}
