/** Lists a data set's folder: the one place of data/ that walks the file system. layout.ts makes sense of the list. */
import type { Dirent, Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FulcrumError } from "../errors/index.ts";
import { isPhotoName } from "./names.ts";

/** Files by paths relative to the folder walked, with forward slashes, each list in code-unit order. */
export interface Listing {
  /** Files that a photo's name ending promises to be photos; whether they are shows the decoder. */
  readonly photos: readonly string[];
  /** Files that are no photos; marker files of systems and hidden files are not even named. */
  readonly others: readonly string[];
  /** Every folder below the root, empty ones included. */
  readonly folders: readonly string[];
}

/** Left by file managers and archivers; nobody means them as data. */
const systemNames = new Set(["__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir", "lost+found"]);

/**
 * Walks `dir`, following symbolic links; hidden and system entries are passed over.
 * @throws DATA_DIR_MISSING, DATA_SYMLINK_LOOP
 */
export async function listFolder(dir: string): Promise<Listing> {
  const root = await stat(dir).catch(() => undefined);
  if (!root?.isDirectory()) throw new FulcrumError("DATA_DIR_MISSING", { dir });
  const photos: string[] = [];
  const others: string[] = [];
  const folders: string[] = [];
  const pending: { path: string; above: readonly string[] }[] = [{ path: "", above: [identity(root)] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const entry of await readdir(join(dir, next.path), { withFileTypes: true })) {
      if (entry.name.startsWith(".") || systemNames.has(entry.name)) continue;
      const path = next.path === "" ? entry.name : `${next.path}/${entry.name}`;
      const folder = await folderOf(entry, join(dir, path));
      if (folder === undefined) {
        (isPhotoName(entry.name) ? photos : others).push(path);
        continue;
      }
      const id = identity(folder);
      if (next.above.includes(id)) throw new FulcrumError("DATA_SYMLINK_LOOP", { path: join(dir, path) });
      folders.push(path);
      pending.push({ path, above: [...next.above, id] });
    }
  }
  return { photos: photos.sort(), others: others.sort(), folders: folders.sort() };
}

/** The entry's status if it is a folder or a link to one. A link to nothing counts as a file: reading it names it. */
async function folderOf(entry: Dirent, path: string): Promise<Stats | undefined> {
  if (!entry.isDirectory() && !entry.isSymbolicLink()) return undefined;
  const status = await stat(path).catch(() => undefined);
  return status?.isDirectory() ? status : undefined;
}

function identity(status: Stats): string {
  return `${status.dev}:${status.ino}`;
}
