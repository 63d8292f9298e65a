/** What an inference worker does with a photo: decode, prepare, run; with the time of each. */
import { performance } from "node:perf_hooks";
import { decodePhoto, encodeJpeg } from "../images/index.ts";
import { openClassifier } from "../predict/index.ts";
import type { OpenMessage } from "./messages.ts";
import type { PhotoClassifier } from "./worker-loop.ts";

/**
 * Opens the model and classifies a black photo: a worker that says "ready" has decoded and inferred, and the first
 * client does not wait for what only the first run has to do.
 */
export async function openPhotoClassifier({ modelPath, threads }: OpenMessage): Promise<PhotoClassifier> {
  const black = encodeJpeg({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) }, 80);
  const classifier = await openClassifier(modelPath, { threads });
  await classifier.classify([await black]);
  const { classes, bases, synthetic, preprocessing } = classifier.metadata;
  const inputs = preprocessing.map(({ input, size }) => ({ name: input, size }));
  return {
    model: { classes, inputs, bases: bases.map(({ id }) => id), synthetic, sha256: classifier.modelSha256 },
    async classify(photo, form) {
      if (form === "pixels") {
        const { result, ms: inferenceMs } = await timed(() => classifier.classifyInputs(photo));
        return { probabilities: result.probabilities, decodeMs: 0, inferenceMs };
      }
      const { result: pixels, ms: decodeMs } = await timed(() => decodePhoto(photo, "The upload"));
      const { result: predictions, ms: inferenceMs } = await timed(() => classifier.classifyPixels([pixels]));
      return { probabilities: predictions[0]!.probabilities, decodeMs, inferenceMs };
    },
    dispose: () => classifier.dispose(),
  };
}

/** Milliseconds that `work` took, with its result. */
async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const startMs = performance.now();
  const result = await work();
  return { result, ms: performance.now() - startMs };
}
