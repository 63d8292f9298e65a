/**
 * A model file that stays what it was when it was opened, though another is renamed into its place: a worker that has
 * to be replaced must serve the model of its fellows, not whatever lies at the path by then. Linux keeps an open file
 * reachable as /proc/PID/fd/N; elsewhere the path itself is used.
 */
import { closeSync, constants, existsSync, fstatSync, openSync } from "node:fs";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import type { FromWorkerFrame } from "./messages.ts";
import type { StartWorker } from "./worker-link.ts";

export interface PinnedFile {
  /** Where workers find the file. */
  readonly path: string;
  /** What people call it. */
  readonly shownPath: string;
  /** A second call does nothing. */
  release(): void;
}

/** @throws FILE_UNREADABLE */
export function pinFile(path: string): PinnedFile {
  let descriptor: number;
  try {
    // Not waiting: a named pipe would hold up the whole service until somebody writes to it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  }
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: "it is not a file" });
  }
  const pinned = `/proc/${process.pid}/fd/${descriptor}`;
  let isOpen = true;
  const release = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  if (existsSync(pinned)) return { path: pinned, shownPath: path, release };
  release();
  return { path, shownPath: path, release };
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
