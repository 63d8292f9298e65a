/** Stage 1: reads the folder of photos into the dataset record. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedProject } from "../../config/load-project.ts";
import { FulcrumError } from "../../errors/index.ts";
import { datasetRecord } from "../../records/dataset.ts";
import { defineTask, type Task } from "../task.ts";

export const datasetTaskId = "dataset";

export function dataTask({ project, dataDir }: LoadedProject): Task {
  const { layout, skipUnreadable, validationShare, evaluationShare } = project.data;
  return defineTask({
    id: datasetTaskId,
    kind: datasetRecord,
    needs: [],
    inputs: async () => ({
      "data configuration": project.data,
      seed: project.seed,
      photos: await listing(dataDir),
    }),
    fingerprint: ({ dir: _dir, ...rest }) => rest,
    async run({ seed, progress, signal }) {
      const { readDataset } = await import("../../data/index.ts");
      return readDataset({
        dir: dataDir,
        layout,
        skipUnreadable,
        validationShare,
        evaluationShare,
        seed,
        progress,
        signal,
      });
    },
  });
}

/** Paths, sizes and times of the folder's files: cheap to read, changes when a photo does. */
async function listing(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new FulcrumError("DATA_DIR_MISSING", { dir }, { cause });
  });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = files.sort().map(async (path) => {
    const { size, mtimeMs } = await stat(path);
    return `${path.slice(dir.length)} ${size} ${mtimeMs}`;
  });
  return Promise.all(lines);
}
