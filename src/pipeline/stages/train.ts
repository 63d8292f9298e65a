/** Stage 2: one candidate's training, to a training record and a model file beside it. */
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { sha256File } from "../../base/hash.ts";
import type { Candidate } from "../../config/candidate.ts";
import type { LoadedProject } from "../../config/load-project.ts";
import { cacheDir } from "../../config/paths.ts";
import type { Project } from "../../config/project.ts";
import { datasetRecord } from "../../records/dataset.ts";
import { trainingRecord } from "../../records/training.ts";
import { defineTask, type Task } from "../task.ts";
import { datasetTaskId } from "./data.ts";
import { needRecord } from "./need-record.ts";

export const trainTaskId = (candidate: string) => `train/${candidate}`;

/** Absolute path of a file that the project file names. */
function importedPath(projectPath: string, file: string): string {
  return resolve(dirname(projectPath), file);
}

/** null for a file that is not there: the task that reads it says so. */
async function fileHash(path: string): Promise<string | null> {
  return sha256File(path).catch(() => null);
}

/** What the project says of the weights of a candidate's bases; null, nothing where it says nothing. */
async function chosenWeights(weights: Project["weights"], { bases }: Candidate, projectPath: string) {
  const chosen = bases.flatMap((id) => weights[id] ?? []);
  if (chosen.length === 0) return {};
  const hashed = chosen.map(async (source) =>
    "file" in source ? { ...source, found: await fileHash(importedPath(projectPath, source.file)) } : source,
  );
  return { weights: await Promise.all(hashed) };
}

export function trainTask({ project, path }: LoadedProject, candidate: Candidate): Task {
  return defineTask({
    id: trainTaskId(candidate.name),
    kind: trainingRecord,
    needs: [datasetTaskId],
    // Quantising comes afterwards: another choice there does not train again.
    inputs: async () => ({
      candidate: { ...candidate, quantize: undefined },
      seed: project.seed,
      ...(await chosenWeights(project.weights, candidate, path)),
      ...(candidate.model === null ? {} : { file: await fileHash(importedPath(path, candidate.model.file)) }),
    }),
    fingerprint: ({ model }) => model.sha256,
    async run({ store, dir, seed, progress, signal }) {
      const dataset = await needRecord(store, datasetTaskId, datasetRecord);
      const { model } = candidate;
      const file = model === null ? "" : importedPath(path, model.file);
      if (model !== null) progress.note(`importing ${model.file}`);
      if (model?.use === "classifier") {
        const { importCandidate } = await import("../../import/index.ts");
        return importCandidate({ candidate, model, path: file, dataset, outDir: dir, signal });
      }
      const { importBase } = await import("../../import/index.ts");
      const { trainCandidate } = await import("../../train/index.ts");
      return trainCandidate({
        candidate,
        dataset,
        seed,
        outDir: dir,
        featureDir: join(cacheDir, "features"),
        weights: { sources: project.weights, projectDir: dirname(path), cacheDir },
        threads: availableParallelism(),
        progress,
        signal,
        ...(model === null ? {} : { imported: await importBase(file, candidate.preprocessing, signal) }),
      });
    },
  });
}
