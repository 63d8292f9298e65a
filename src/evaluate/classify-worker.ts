/** A worker thread of evaluateModels: each photo is decoded once and classified by every model, on one thread. */
import { join } from "node:path";
import { readBytes } from "../base/files.ts";
import { answerJobs, leaveIfStopped, workerTask } from "../base/worker-thread.ts";
import { decodePhoto, leastShortSide, type Pixels } from "../images/index.ts";
import { type Classifier, openClassifier } from "../predict/index.ts";
import type { Photo } from "../records/dataset.ts";
import type { PredictionRecord } from "./scores.ts";

export interface ClassifyTask {
  readonly modelPaths: readonly string[];
  readonly dataDir: string;
}

export interface ClassifyJob {
  readonly photos: readonly Photo[];
}

const { modelPaths, dataDir } = workerTask<ClassifyTask>();
const classifiers = await Promise.all(modelPaths.map((path) => openClassifier(path, { threads: 1 })));

answerJobs({
  /** For each model, its predictions. */
  async run({ photos }: ClassifyJob): Promise<PredictionRecord[][]> {
    const records: PredictionRecord[][] = classifiers.map(() => []);
    for (const photo of photos) {
      leaveIfStopped();
      const bytes = await readBytes(join(dataDir, photo.path));
      // By the side that a model needs: models that need different ones may get differently reduced photos.
      const decoded = new Map<number | undefined, Pixels>();
      for (const [i, classifier] of classifiers.entries()) {
        const least = leastShortSide(classifier.metadata.preprocessing);
        const pixels = decoded.get(least) ?? (await decodePhoto(bytes, photo.path, { leastShortSide: least }));
        decoded.set(least, pixels);
        records[i]!.push(await classify(classifier, pixels, photo));
      }
    }
    return records;
  },
  dispose: async () => {
    await Promise.all(classifiers.map((classifier) => classifier.dispose()));
  },
});

async function classify(
  classifier: Classifier,
  pixels: Pixels,
  { path, label }: Pick<Photo, "path" | "label">,
): Promise<PredictionRecord> {
  const { classIndex, confidence, probabilities } = (await classifier.classifyPixels([pixels]))[0]!;
  return { path, label, predicted: classIndex, confidence, labelProbability: probabilities[label]! };
}
