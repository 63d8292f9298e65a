/**
 * Downloads a file into the cache: resumed where it broke off, checked before it is used, whole or not at all. The only
 * place of fulcrum that fetches anything from the network by itself.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { problemOf, readText, writeFileAtomic } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import { FulcrumError } from "../errors/index.ts";

export interface DownloadOptions {
  readonly url: string;
  /** Where the file shall be; while it is not whole, its beginning is beside it as `.part`. */
  readonly path: string;
  /** Hexadecimal; null: not checked by this algorithm. */
  readonly sha256: string | null;
  /** For files whose publisher gives nothing better. */
  readonly md5: string | null;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Attempts without a single new byte before it is given up. Default 3. */
  readonly attempts?: number;
  /** Longest time without a byte, milliseconds. Default 30 s. */
  readonly idleTimeoutMs?: number;
}

/** Larger than any base's weights. */
const maximumBytes = 4 * 2 ** 30;

/**
 * @throws DOWNLOAD_FAILED (what came so far is kept, the next call goes on there); DOWNLOAD_WRONG_FILE if the hash
 *   differs (nothing is kept); the signal's reason
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { path, signal, attempts = 3 } = options;
  await mkdir(dirname(path), { recursive: true });
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    const before = await sizeOf(`${path}.part`);
    try {
      await fetchRest(options, before);
      break;
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof FulcrumError) throw cause;
      failures = (await sizeOf(`${path}.part`)) > before ? 0 : failures + 1;
      if (failures >= attempts) throw failed(options.url, problemOf(cause), cause);
    }
  }
  await check(options);
  await rename(`${path}.part`, path);
  await rm(`${path}.part.etag`, { force: true });
}

function failed(url: string, problem: string, cause?: unknown): FulcrumError {
  return new FulcrumError("DOWNLOAD_FAILED", { url, problem }, { cause });
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Asks for what is missing. A server that has another file by now, or cannot resume, sends all of it again. */
async function fetchRest({ url, path, progress, signal, idleTimeoutMs = 30_000 }: DownloadOptions, have: number) {
  const part = `${path}.part`;
  const etag = await readText(`${part}.etag`).catch(() => null);
  const canResume = have > 0 && etag !== null;
  const headers: Record<string, string> = canResume ? { range: `bytes=${have}-`, "if-range": etag } : {};
  const idle = new AbortController();
  const response = await fetch(url, { headers, signal: AbortSignal.any([signal, idle.signal]) });
  if (canResume && response.status === 416) {
    // The beginning is all there is, or belongs to something else: the hash decides, or the next attempt starts anew.
    await rm(`${part}.etag`, { force: true });
    if (have === totalOf(response)) return;
    await rm(part, { force: true });
    throw new Error("the server has another file than the one begun");
  }
  if (response.status >= 400 && response.status < 500) throw failed(url, `the server answers ${response.status}`);
  if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}`);
  const isRest = response.status === 206 && canResume;
  const start = isRest ? have : 0;
  const length = Number(response.headers.get("content-length"));
  const total = Number.isSafeInteger(length) && length > 0 ? start + length : null;
  if (total !== null && total > maximumBytes) throw failed(url, `it has ${total} bytes, more than any weights`);
  const sent = response.headers.get("etag");
  if (!isRest && sent !== null && !sent.startsWith("W/")) await writeFileAtomic(`${part}.etag`, sent);
  const task = progress.task(`downloading ${new URL(url).pathname.split("/").at(-1)}`, total ?? 0, "bytes");
  if (start > 0) task.advance(start);
  await pipeline(
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    watch({ start, idle, idleTimeoutMs, onBytes: (count) => task.advance(count) }),
    createWriteStream(part, { flags: isRest ? "a" : "w" }),
    { signal },
  );
  const got = await sizeOf(part);
  if (total !== null && got !== total) throw new Error(`it broke off after ${got} of ${total} bytes`);
  task.finish();
}

function totalOf(response: Response): number {
  return Number(/\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1]);
}

interface Watched {
  readonly start: number;
  readonly idle: AbortController;
  readonly idleTimeoutMs: number;
  readonly onBytes: (count: number) => void;
}

/** Passes bytes on; ends a connection that sends none for too long, or more than any file has. */
function watch({ start, idle, idleTimeoutMs, onBytes }: Watched): Transform {
  let bytes = start;
  const stop = () => idle.abort(new Error(`no byte came for ${idleTimeoutMs / 1000} s`));
  let timer = setTimeout(stop, idleTimeoutMs);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(timer);
      timer = setTimeout(stop, idleTimeoutMs);
      bytes += chunk.length;
      onBytes(chunk.length);
      done(bytes > maximumBytes ? new Error(`it is longer than ${maximumBytes} bytes`) : null, chunk);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
    flush(done) {
      clearTimeout(timer);
      done();
    },
  });
}

async function check({ url, path, sha256, md5 }: DownloadOptions): Promise<void> {
  for (const [algorithm, expected] of [
    ["sha256", sha256],
    ["md5", md5],
  ] as const) {
    if (expected === null) continue;
    const found = await hashOf(`${path}.part`, createHash(algorithm));
    if (found === expected.toLowerCase()) continue;
    await rm(`${path}.part`, { force: true });
    await rm(`${path}.part.etag`, { force: true });
    throw new FulcrumError("DOWNLOAD_WRONG_FILE", { url, algorithm: algorithm.toUpperCase(), found, expected });
  }
}

async function hashOf(path: string, hash: Hash): Promise<string> {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
