/** Reads photo files, several at a time: hash, size, and whether they decode. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { problemOf, readBytes } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import type { Progress } from "../base/progress.ts";
import { isFulcrumError } from "../errors/index.ts";
import { decodePhoto } from "../images/index.ts";
import { isDrawnPhoto } from "./synth/marker.ts";

export interface ReadablePhoto {
  readonly readable: true;
  readonly sha256: string;
  /** Pixels of the decoded photo, upright. */
  readonly width: number;
  readonly height: number;
  readonly fileBytes: number;
  /** True when the file itself says that fulcrum drew it. */
  readonly isDrawn: boolean;
}

export type ReadPhoto = ReadablePhoto | { readonly readable: false; readonly problem: string };

/** More files in flight than cores, so that decoding does not wait for the disk; bounded, because photos are large. */
const filesPerCore = 2;

/**
 * Reads and really decodes every file; results are in the order of `paths`.
 * @param paths relative to `dir`
 * @throws the signal's reason when it fires
 */
export async function readPhotos(
  dir: string,
  paths: readonly string[],
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<ReadPhoto[]> {
  const task = progress.task("reading photos", paths.length, "photos");
  const results: ReadPhoto[] = new Array(paths.length);
  let next = 0;
  const readInTurn = async () => {
    while (next < paths.length) {
      signal.throwIfAborted();
      const index = next++;
      results[index] = await readPhoto(dir, paths[index]!);
      task.advance();
    }
  };
  await Promise.all(Array.from({ length: filesPerCore * availableParallelism() }, readInTurn));
  task.finish();
  return results;
}

async function readPhoto(dir: string, path: string): Promise<ReadPhoto> {
  try {
    const bytes = await readBytes(join(dir, path));
    const { width, height } = await decodePhoto(bytes, path);
    const isDrawn = isDrawnPhoto(bytes);
    return { readable: true, sha256: sha256(bytes), width, height, fileBytes: bytes.length, isDrawn };
  } catch (error) {
    if (!isFulcrumError(error)) throw error;
    return { readable: false, problem: String(error.context.problem ?? problemOf(error)) };
  }
}
