/** Counts the data of a chunked HTTP body as its bytes come. Pure. Source: RFC 9112, section 7.1. */

type State = "size" | "data" | "data end" | "trailer";

const newline = 0x0a;
/** Longest line of a chunk size or trailer that is taken for one. */
const maximumLineBytes = 8 * 1024;

export class ChunkedBody {
  /** Bytes of data so far, framing not counted. */
  dataBytes = 0;
  isComplete = false;
  /** Why the bytes are no chunked body; null where they are. */
  problem: string | null = null;

  #state: State = "size";
  #line = "";
  #left = 0;

  /** Takes the next bytes. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.isComplete && this.problem === null) {
      at = this.#state === "data" ? this.#takeData(bytes, at) : this.#takeLine(bytes, at);
    }
  }

  #takeData(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#left, bytes.length - at);
    this.dataBytes += taken;
    this.#left -= taken;
    if (this.#left === 0) this.#state = "data end";
    return at + taken;
  }

  /** Collects a line, which may come in pieces, and acts on it when it is whole. */
  #takeLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(newline, at);
    const stop = end < 0 ? bytes.length : end;
    this.#line += bytes.toString("latin1", at, stop);
    if (this.#line.length > maximumLineBytes) this.problem = "chunk line too long";
    if (end < 0) return stop;
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    this.#endLine(line);
    return stop + 1;
  }

  #endLine(line: string): void {
    if (this.#state === "data end") {
      if (line === "") this.#state = "size";
      else this.problem = "chunk longer than its size";
    } else if (this.#state === "trailer") {
      this.isComplete = line === "";
    } else {
      const size = /^([0-9a-f]+)[ \t]*(?:;|$)/i.exec(line)?.[1];
      if (size === undefined) this.problem = "chunk without a size";
      this.#left = Number.parseInt(size ?? "0", 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    }
  }
}
