/** One process at a time works on a run: runs/NAME/lock holds its process id. */
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isProcessAlive } from "../base/process-alive.ts";
import { FulcrumError } from "../errors/index.ts";

/**
 * Takes the run's lock; a lock whose process is gone is taken over.
 * @returns release function
 * @throws RUN_LOCKED
 */
export async function lockRun(runDir: string): Promise<() => Promise<void>> {
  await mkdir(runDir, { recursive: true });
  const path = join(runDir, "lock");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await linkWith(path, String(process.pid));
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const pid = Number(await readFile(path, "utf8"));
      if (pid > 0 && isProcessAlive(pid)) throw new FulcrumError("RUN_LOCKED", { name: basename(runDir), pid });
      await rm(path, { force: true });
    }
  }
  throw new FulcrumError("RUN_LOCKED", { name: basename(runDir), pid: "unknown" });
}

/** Makes the file with its content at once, so that nobody reads it empty; EEXIST where it is there. */
async function linkWith(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
