/** A worker thread of evaluateModel: classifies photos one after the other, on one thread. */
import { join } from "node:path";
import { readBytes } from "../base/files.ts";
import { answerJobs, leaveIfStopped, workerTask } from "../base/worker-thread.ts";
import { openClassifier } from "../predict/index.ts";
import type { Photo } from "../records/dataset.ts";
import type { PredictionRecord } from "./scores.ts";

export interface ClassifyTask {
  readonly modelPath: string;
  readonly dataDir: string;
}

export interface ClassifyJob {
  readonly photos: readonly Photo[];
}

const { modelPath, dataDir } = workerTask<ClassifyTask>();
const classifier = await openClassifier(modelPath, { threads: 1 });

answerJobs({
  async run({ photos }: ClassifyJob): Promise<PredictionRecord[]> {
    const records: PredictionRecord[] = [];
    for (const { path, label } of photos) {
      leaveIfStopped();
      const pixels = await classifier.decode(await readBytes(join(dataDir, path)), path);
      const { classIndex, confidence, probabilities } = (await classifier.classifyPixels([pixels]))[0]!;
      records.push({ path, label, predicted: classIndex, confidence, labelProbability: probabilities[label]! });
    }
    return records;
  },
  dispose: () => classifier.dispose(),
});
