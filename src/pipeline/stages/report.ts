/** Last stage: records to report.html. */
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic, writeJsonAtomic } from "../../base/files.ts";
import { sha256, sha256Value } from "../../base/hash.ts";
import type { Project } from "../../config/project.ts";
import { defineRecord } from "../../records/record.ts";
import { defineTask, type Task } from "../task.ts";

export const reportTaskId = "report";

const reportRecord = defineRecord("report", 1, z.object({ file: z.string(), sha256: z.string() }));

export function reportTask(project: Project, before: readonly Task[]): Task {
  return defineTask({
    id: reportTaskId,
    kind: reportRecord,
    needs: before.map(({ id }) => id),
    inputs: async () => ({ project: sha256Value(project) }),
    fingerprint: (body) => body,
    async run({ store }) {
      const { gatherReport, renderReport } = await import("../../report/index.ts");
      await writeJsonAtomic(join(store.dir, "project.json"), project);
      const html = await renderReport(await gatherReport(store.dir));
      await writeFileAtomic(join(store.dir, "report.html"), html);
      return { file: "../report.html", sha256: sha256(html) };
    },
  });
}
