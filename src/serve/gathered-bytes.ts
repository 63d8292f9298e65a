/**
 * Bytes that come in chunks, held in little more memory than they are: every chunk is an object that takes a hundred
 * bytes and more, whatever is in it, so that small ones are copied together into blocks. Pure.
 */

/** Chunks below this are copied. */
const smallBytes = 4096;
const blockBytes = 16 * 1024;

export class GatheredBytes {
  readonly #parts: Uint8Array[] = [];
  #block = Buffer.alloc(0);
  /** What the block holds since the last large chunk. */
  #start = 0;
  #end = 0;

  /** Small chunks may be overwritten afterwards, large ones not. */
  add(chunk: Uint8Array): void {
    if (chunk.byteLength >= smallBytes) {
      this.#endPart();
      this.#parts.push(chunk);
      return;
    }
    if (this.#end + chunk.byteLength > this.#block.byteLength) {
      this.#endPart();
      this.#block = Buffer.allocUnsafeSlow(blockBytes);
      this.#start = 0;
      this.#end = 0;
    }
    this.#block.set(chunk, this.#end);
    this.#end += chunk.byteLength;
  }

  /** All of them, in one piece. */
  all(): Uint8Array {
    this.#endPart();
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
  }

  #endPart(): void {
    if (this.#end > this.#start) this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
