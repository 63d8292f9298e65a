/** Files that are either whole or not there: everything fulcrum keeps is written through here. */
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import writeAtomic from "write-file-atomic";
import { FulcrumError } from "../errors/index.ts";

/** Writes a temporary file beside `path`, syncs it and renames it; makes the folder where needed. */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomic(
      path,
      typeof data === "string" ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    );
  } catch (cause) {
    throw new FulcrumError("FILE_UNWRITABLE", { path, problem: problemOf(cause) }, { cause });
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
