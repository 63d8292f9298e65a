/** Files that are either whole or not there: everything fulcrum keeps is written through here. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FulcrumError } from "../errors/index.ts";

/**
 * Writes a temporary file beside `path`, syncs it and renames it; makes the folder where needed. A kill in between leaves
 * the old file, and a temporary one that `git` and data sets do not look at (`.NAME.RANDOM.tmp`).
 * @throws FILE_UNWRITABLE, with nothing changed (disk full, no permission)
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(temporary, data);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new FulcrumError("FILE_UNWRITABLE", { path, problem: problemOf(cause) }, { cause });
  }
}

/** The handle's writeFile goes on after a short write, which a full disk answers first, until all is written or fails. */
async function writeSynced(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The file's bytes; FILE_UNREADABLE with the system's reason otherwise. */
export async function readBytes(path: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return (await readFile(path)) as Buffer<ArrayBuffer>;
  } catch (cause) {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  }
}

export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString("utf8");
}

/** Words for a caught value, for `{problem}` of a message. */
export function problemOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
