/** Reads single photos' rows from chunk files, which may be far larger than memory: the system's cache holds what fits. */
import { closeSync, openSync, readSync } from "node:fs";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";

const mostOpenFiles = 128;

export class RowReader {
  /** By path, the least recently used first. */
  readonly #open = new Map<string, number>();

  /** Fills `target` with the file's bytes from `position` on. @throws FILE_UNREADABLE */
  read(path: string, position: number, target: Float32Array): void {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    try {
      const count = readSync(this.#file(path), bytes, 0, bytes.length, position);
      if (count !== bytes.length) throw new Error(`it ends after ${position + count} bytes`);
    } catch (cause) {
      throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
    }
  }

  close(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  #file(path: string): number {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    if (this.#open.size >= mostOpenFiles) {
      const [oldest, file] = this.#open.entries().next().value!;
      closeSync(file);
      this.#open.delete(oldest);
    }
    const file = openSync(path, "r");
    this.#open.set(path, file);
    return file;
  }
}
