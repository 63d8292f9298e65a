/**
 * Messages between the server and its inference workers: a small JSON header and a binary body (photo bytes one way,
 * probabilities the other). On the wire: u32 header length, u32 body length (little endian), header, body. Pure but for `writeFrame`.
 */
import type { Writable } from "node:stream";

export interface Frame<Header> {
  readonly header: Header;
  readonly body: Uint8Array;
}

const prefixBytes = 8;

/** Prefix and header in one chunk; the body follows as it is, without a copy. */
export function encodeFrame<Header>({ header, body }: Frame<Header>): readonly Uint8Array[] {
  const text = Buffer.from(JSON.stringify(header), "utf8");
  const start = Buffer.allocUnsafe(prefixBytes + text.byteLength);
  start.writeUInt32LE(text.byteLength, 0);
  start.writeUInt32LE(body.byteLength, 4);
  start.set(text, prefixBytes);
  return body.byteLength > 0 ? [start, body] : [start];
}

/** Writes a frame with one call of the system. */
export function writeFrame<Header>(stream: Writable, frame: Frame<Header>): void {
  stream.cork();
  for (const part of encodeFrame(frame)) stream.write(part);
  stream.uncork();
}

/** Cuts a byte stream back into frames. The other end is this same program, so headers are trusted. */
export class FrameReader<Header> {
  #chunks: Uint8Array[] = [];
  #held = 0;

  /** Takes the next bytes; returns the frames that are complete now. */
  push(chunk: Uint8Array): Frame<Header>[] {
    this.#chunks.push(chunk);
    this.#held += chunk.byteLength;
    const frames: Frame<Header>[] = [];
    for (;;) {
      const frame = this.#next();
      if (!frame) return frames;
      frames.push(frame);
    }
  }

  #next(): Frame<Header> | undefined {
    if (this.#held < prefixBytes) return undefined;
    if (this.#chunks[0]!.byteLength < prefixBytes) this.#chunks = [Buffer.concat(this.#chunks, this.#held)];
    const { buffer, byteOffset } = this.#chunks[0]!;
    const prefix = new DataView(buffer, byteOffset, prefixBytes);
    const bodyStart = prefixBytes + prefix.getUint32(0, true);
    const end = bodyStart + prefix.getUint32(4, true);
    if (this.#held < end) return undefined;
    const all = Buffer.concat(this.#chunks, this.#held);
    this.#chunks = this.#held > end ? [all.subarray(end)] : [];
    this.#held -= end;
    return {
      header: JSON.parse(all.toString("utf8", prefixBytes, bodyStart)) as Header,
      body: all.subarray(bodyStart, end),
    };
  }
}
