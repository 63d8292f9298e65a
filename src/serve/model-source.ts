/** Which model file is served, and how it is put in place of another. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { problemOf } from "../base/files.ts";
import { slug } from "../config/quantities.ts";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import type { ServedModel } from "./messages.ts";
import { type PinnedFile, pinFile, withShownPath } from "./pinned-file.ts";
import type { InferencePool } from "./pool.ts";
import type { StartWorker } from "./worker-link.ts";

/** How workers for a model file are started. */
export type WorkersFor = (modelPath: string) => StartWorker;

export interface Reloaded {
  readonly model: ServedModel;
  readonly previous: ServedModel;
}

export interface ModelSource {
  /**
   * Serves the file at `path` (by default the same one, read again) from now on, without losing a photo.
   * @throws SERVE_RELOAD_FAILED where it cannot be opened (the old model serves on); SERVE_RELOADING, SERVE_NOT_READY
   */
  reload(path?: string): Promise<Reloaded>;
  /** Lets go of the file that is served: for the end. */
  release(): void;
}

/**
 * @param pool serves `first` already
 * @param first is given back when it is no longer served
 */
export function modelSource(pool: InferencePool, first: PinnedFile, workersFor: WorkersFor): ModelSource {
  let current = first;
  return {
    release: () => current.release(),
    async reload(path = current.shownPath) {
      const previous = pool.model;
      let next: PinnedFile | undefined;
      try {
        next = pinFile(path);
        const model = await pool.reload(pinnedWorkers(next, workersFor));
        current.release();
        current = next;
        return { model, previous: previous! };
      } catch (cause) {
        next?.release();
        if (isFulcrumError(cause) && cause.code.startsWith("SERVE_") && cause.code !== "SERVE_CANNOT_START")
          throw cause;
        throw new FulcrumError("SERVE_RELOAD_FAILED", { problem: problemOf(cause) }, { cause });
      }
    },
  };
}

/** Workers that serve the file as it was when it was opened. */
export function pinnedWorkers(file: PinnedFile, workersFor: WorkersFor): StartWorker {
  return withShownPath(workersFor(file.path), file);
}

/** Size of a model file. @throws FILE_UNREADABLE */
export async function modelBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  }
}

/** runs/demo/train/accuracy/model.onnx is "accuracy", soup.onnx is "soup"; "model" where that makes no name. */
export function modelName(path: string): string {
  const stem = basename(path).replace(/\.onnx$/i, "");
  const name = (stem === "model" ? basename(dirname(path)) : stem).toLowerCase();
  return slug.safeParse(name).success ? name : "model";
}

const shortestToken = 16;

/** @throws FILE_UNREADABLE, SERVE_ADMIN_TOKEN */
export async function readToken(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  });
  const token = text.trim();
  const problem = /\s/.test(token) ? "it has spaces or several lines" : "it is too short";
  if (token.length < shortestToken || /\s/.test(token)) throw new FulcrumError("SERVE_ADMIN_TOKEN", { path, problem });
  return token;
}
