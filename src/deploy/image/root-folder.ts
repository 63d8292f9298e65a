/** An image's layers as a folder: for a Dockerfile to copy, and to look at. */
import { chmod, copyFile, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FulcrumError } from "../../errors/index.ts";
import { type LayerEntry, orderEntries } from "./layer-entry.ts";

/**
 * @param dir new or empty
 * @throws IMAGE_FOLDER_NOT_EMPTY
 */
export async function writeRootFolder(dir: string, entries: readonly LayerEntry[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  if ((await readdir(dir)).length > 0) throw new FulcrumError("IMAGE_FOLDER_NOT_EMPTY", { path: dir });
  for (const entry of orderEntries(entries)) {
    const path = join(dir, entry.path);
    await mkdir(dirname(path), { recursive: true });
    if (entry.kind === "link") {
      await symlink(entry.target, path);
      continue;
    }
    if (entry.kind === "directory") await mkdir(path, { recursive: true });
    else if ("bytes" in entry.content) await writeFile(path, entry.content.bytes);
    else await copyFile(entry.content.source, path);
    await chmod(path, entry.mode);
  }
}
