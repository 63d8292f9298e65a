/** Last stage: records to the page and the slides. */
import { basename, join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../../base/files.ts";
import { sha256Value } from "../../base/hash.ts";
import type { Project } from "../../config/project.ts";
import { defineRecord } from "../../records/record.ts";
import { defineTask, type Task } from "../task.ts";

export const reportTaskId = "report";

const reportRecord = defineRecord("report", 2, z.object({ files: z.array(z.string()) }));

export function reportTask(project: Project, before: readonly Task[]): Task {
  return defineTask({
    id: reportTaskId,
    kind: reportRecord,
    needs: before.map(({ id }) => id),
    readsWholeRecords: true,
    inputs: async () => ({ project: sha256Value(project) }),
    fingerprint: (body) => body,
    async run({ store }) {
      const { gatherReport, tellStory } = await import("../../report/index.ts");
      const { writeReport } = await import("../../report/write.ts");
      await writeJsonAtomic(join(store.dir, "project.json"), project);
      const gathered = await gatherReport(store.dir, { tasks: before.map(({ id }) => id) });
      const written = await writeReport(tellStory(gathered), store.dir, project.report.formats);
      return { files: Object.values(written).map((path) => `../${basename(path)}`) };
    },
  });
}
