/**
 * Reads one HTTP/1.x response from the chunks of a socket: status, length of the body, whether it is whole.
 * Pure. The body is counted, not kept. It exists because a load generator shares the machine with what it measures:
 * beside node:http's client it spares about 30 % of the CPU time of a request, half on kept connections
 * (bench/attacker.ts).
 *
 * Source: RFC 9112, section 6.3 (length of a message's body) and section 7.1 (chunked transfer coding).
 */
import { ChunkedBody } from "./chunked-body.ts";

const headerEnd = "\r\n\r\n";
/** A header longer than this is no answer of a web server. */
const maximumHeaderBytes = 64 * 1024;
const bodilessStatuses = new Set([204, 304]);

type Body =
  | { readonly kind: "length"; left: number }
  | { readonly kind: "chunked"; reader: ChunkedBody }
  | { readonly kind: "close" };

export class ResponseReader {
  /** Status code; null until the header is whole. */
  status: number | null = null;
  /** Bytes of the body so far, without chunk framing. */
  bodyBytes = 0;
  /** The response is whole. */
  isComplete = false;
  /** The server will answer another request on this connection. */
  staysOpen = false;
  /** Why the bytes are no HTTP response; null where they are. */
  problem: string | null = null;

  #header: Buffer | null = null;
  #body: Body = { kind: "close" };

  /** Takes the next bytes of the connection. */
  push(chunk: Buffer): void {
    if (this.isComplete || this.problem !== null) return;
    const rest = this.status === null ? this.#readHeader(chunk) : chunk;
    if (rest !== null && this.status !== null) this.#readBody(rest);
  }

  /** The server closed its side: a body without a stated length is whole now, any other is not. */
  end(): void {
    if (this.status !== null && this.#body.kind === "close") this.isComplete = true;
  }

  /** Bytes after the header, or null while the header is not whole. Interim (1xx) responses are skipped. */
  #readHeader(chunk: Buffer): Buffer | null {
    let bytes = this.#header === null ? chunk : Buffer.concat([this.#header, chunk]);
    for (;;) {
      const end = bytes.indexOf(headerEnd);
      if (end < 0) {
        this.#header = bytes;
        if (bytes.length > maximumHeaderBytes) this.problem = "header too long";
        return null;
      }
      const header = bytes.toString("latin1", 0, end);
      const status = /^HTTP\/1\.([01]) (\d{3})/.exec(header);
      if (status === null) {
        this.problem = "not an HTTP/1 response";
        return null;
      }
      bytes = bytes.subarray(end + headerEnd.length);
      const code = Number(status[2]);
      if (code >= 200) {
        this.#start(code, status[1] === "1", header);
        return bytes;
      }
    }
  }

  #start(status: number, isVersion11: boolean, header: string): void {
    this.status = status;
    this.#header = null;
    const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(header)?.[1];
    if (bodilessStatuses.has(status)) this.#body = { kind: "length", left: 0 };
    else if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(header))
      this.#body = { kind: "chunked", reader: new ChunkedBody() };
    else if (length !== undefined) this.#body = { kind: "length", left: Number(length) };
    this.staysOpen = isVersion11 && this.#body.kind !== "close" && !/\r\nconnection:[^\r]*close/i.test(header);
  }

  #readBody(bytes: Buffer): void {
    const body = this.#body;
    if (body.kind === "chunked") {
      body.reader.push(bytes);
      this.bodyBytes = body.reader.dataBytes;
      this.isComplete = body.reader.isComplete;
      this.problem = body.reader.problem;
      return;
    }
    const taken = body.kind === "length" ? Math.min(body.left, bytes.length) : bytes.length;
    this.bodyBytes += taken;
    if (body.kind === "length") {
      body.left -= taken;
      this.isComplete = body.left === 0;
    }
  }
}
