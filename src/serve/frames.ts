/**
 * Messages between the server and its inference workers: a small JSON header and a binary body (photo bytes one way,
 * probabilities the other). On the wire: u32 header length, u32 body length (little endian), header, body. Pure.
 */

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
    const headerBytes = this.#peek(0);
    const bodyBytes = this.#peek(4);
    const total = prefixBytes + headerBytes + bodyBytes;
    if (this.#held < total) return undefined;
    const all = Buffer.concat(this.#chunks, this.#held);
    this.#chunks = this.#held > total ? [all.subarray(total)] : [];
    this.#held -= total;
    const bodyStart = prefixBytes + headerBytes;
    return {
      header: JSON.parse(all.toString("utf8", prefixBytes, bodyStart)) as Header,
      body: all.subarray(bodyStart, total),
    };
  }

  /** A length of the prefix; joins chunks only where the first one is shorter than the prefix. */
  #peek(offset: number): number {
    if (this.#chunks[0]!.byteLength < prefixBytes) this.#chunks = [Buffer.concat(this.#chunks, this.#held)];
    const first = this.#chunks[0]!;
    return new DataView(first.buffer, first.byteOffset, prefixBytes).getUint32(offset, true);
  }
}
