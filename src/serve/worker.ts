/** The module that an inference worker's process runs: the real classifier on the link of the server. */
import { Socket } from "node:net";
import { decodePhoto, encodeJpeg } from "../images/index.ts";
import { openClassifier } from "../predict/index.ts";
import type { OpenMessage } from "./messages.ts";
import { linkDescriptor } from "./worker-link.ts";
import { type PhotoClassifier, runWorker, timed } from "./worker-loop.ts";

runWorker(new Socket({ fd: linkDescriptor }), openPhotoClassifier);

/**
 * Opens the model and classifies a black photo: a worker that says "ready" has decoded and inferred, and the first
 * client does not wait for what only the first run has to do.
 */
async function openPhotoClassifier({ modelPath, threads }: OpenMessage): Promise<PhotoClassifier> {
  const black = encodeJpeg({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) }, 80);
  const classifier = await openClassifier(modelPath, { threads });
  await classifier.classify([await black]);
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
