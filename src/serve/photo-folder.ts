/** The photos of users' answers: one file a photo, its name is its hash, its format is in its bytes. */
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";

export interface PhotoFolder {
  /**
   * Keeps a photo; one that is there already is left as it is.
   * @throws ANSWERS_PHOTOS_FULL where the folder would get larger than allowed, FILE_UNWRITABLE
   */
  keep(hash: string, photo: Uint8Array): Promise<void>;
}

/**
 * @param dir made where it is missing, with the first photo
 * @param limitBytes of all its files; several services that share it may each exceed it by what the others keep meanwhile
 */
export function photoFolder(dir: string, limitBytes: number): PhotoFolder {
  let content: Promise<Content> | undefined;
  return {
    async keep(hash, photo) {
      content ??= contentOf(dir);
      const kept = await content.catch((error: unknown) => {
        content = undefined;
        throw error;
      });
      if (kept.names.has(hash)) return;
      if (kept.bytes + photo.byteLength > limitBytes)
        throw new FulcrumError("ANSWERS_PHOTOS_FULL", { path: dir, limit: limitBytes });
      // Counted before it is written: others come meanwhile.
      kept.names.add(hash);
      kept.bytes += photo.byteLength;
      try {
        await writeFileAtomic(join(dir, hash), photo);
      } catch (error) {
        kept.names.delete(hash);
        kept.bytes -= photo.byteLength;
        throw error;
      }
    },
  };
}

interface Content {
  readonly names: Set<string>;
  bytes: number;
}

/** Without the files that are being written. */
async function contentOf(dir: string): Promise<Content> {
  await mkdir(dir, { recursive: true });
  const names = (await readdir(dir)).filter((name) => !name.startsWith("."));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size));
  return { names: new Set(names), bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
