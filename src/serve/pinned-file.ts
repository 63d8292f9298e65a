/**
 * A model file that stays what it was when it was opened, though another is renamed into its place: a worker that has
 * to be replaced must serve the model of its fellows, not whatever lies at the path by then. Linux keeps an open file
 * reachable as /proc/PID/fd/N; elsewhere the path itself is used.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import type { FromWorkerFrame } from "./messages.ts";
import type { StartWorker } from "./worker-link.ts";

export interface PinnedFile {
  /** Where workers find the file. */
  readonly path: string;
  /** What people call it. */
  readonly shownPath: string;
  release(): void;
}

/** @throws FILE_UNREADABLE */
export function pinFile(path: string): PinnedFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  }
  const pinned = `/proc/${process.pid}/fd/${descriptor}`;
  if (existsSync(pinned)) return { path: pinned, shownPath: path, release: () => closeSync(descriptor) };
  closeSync(descriptor);
  return { path, shownPath: path, release() {} };
}

/** Workers whose errors name the file as people do. */
export function withShownPath(startWorker: StartWorker, { path, shownPath }: PinnedFile): StartWorker {
  const renamed = (frame: FromWorkerFrame): FromWorkerFrame => {
    if (frame.header.kind !== "failed" || frame.header.error.context.path !== path) return frame;
    const { error } = frame.header;
    return {
      ...frame,
      header: { ...frame.header, error: { ...error, context: { ...error.context, path: shownPath } } },
    };
  };
  return (events, ...rest) => startWorker({ ...events, onFrame: (frame) => events.onFrame(renamed(frame)) }, ...rest);
}
