/**
 * Reads a Keras file in a process of its own with bounded time, memory and rights: whatever the file is made of, the
 * caller gets its contents or an error.
 */
import { spawn } from "node:child_process";
import { mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { problemOf } from "../../base/files.ts";
import { projectDir } from "../../config/paths.ts";
import { FulcrumError } from "../../errors/index.ts";
import { parseTensors, type Weights } from "../../layers/index.ts";
import { type Contents, contents, type ReadJob, refusedExitCode } from "./protocol.ts";

export interface Container extends Contents {
  /** By path in the file, in Keras' layout. */
  readonly tensors: Weights;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Longest time that reading may take; default 60 s and a second for every 4 MB. */
  readonly timeoutMs?: number;
}

/** Weights do not compress well; what claims to be larger than this many times the file is no model. */
const largestRatio = 20;
const smallestRoomBytes = 16 * 2 ** 20;
/** Node's buffers, and the reader's wasm memory, end there. */
const largestFileBytes = 2 ** 31;
const wasmPageBytes = 65_536;

/** @throws FILE_UNREADABLE, KERAS_FILE_INVALID */
export async function readContainer(path: string, options: ReadOptions = {}): Promise<Container> {
  const fileBytes = await sizeOf(path);
  const unpackedBytes = Math.min(largestFileBytes, Math.max(smallestRoomBytes, largestRatio * fileBytes));
  const workDir = await mkdtemp(join(tmpdir(), "fulcrum-keras-"));
  try {
    const job: ReadJob = { path: resolve(path), workDir, limits: { unpackedBytes } };
    const timeoutMs = options.timeoutMs ?? 60_000 + (1000 * fileBytes) / 4e6;
    return parseStream(await runReader(job, { fileBytes, timeoutMs, signal: options.signal }), path);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  });
  if (!found.isFile()) throw new FulcrumError("FILE_UNREADABLE", { path, problem: "it is not a file" });
  if (found.size > largestFileBytes) {
    throw invalid(path, `it has ${found.size} bytes, at most ${largestFileBytes} are read`);
  }
  return found.size;
}

function invalid(path: string, problem: string, cause?: unknown): FulcrumError {
  return new FulcrumError("KERAS_FILE_INVALID", { path, problem }, { cause });
}

interface Bounds {
  readonly fileBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Standard output of the reading process. */
async function runReader(job: ReadJob, { fileBytes, timeoutMs, signal }: Bounds): Promise<Buffer> {
  const wasmBytes = 256 * 2 ** 20 + 2 * fileBytes;
  const flags = [
    "--disable-warning=ExperimentalWarning",
    `--wasm-max-mem-pages=${Math.min(32_768, Math.ceil(wasmBytes / wasmPageBytes))}`,
    "--max-old-space-size=1024",
    "--permission",
    `--allow-fs-read=${projectDir}/*`,
    `--allow-fs-read=${await librariesDir()}/*`,
    `--allow-fs-read=${job.path}`,
    `--allow-fs-read=${job.workDir}/*`,
    `--allow-fs-write=${job.workDir}/*`,
  ];
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [...flags, fileURLToPath(new URL("./child.ts", import.meta.url))], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  const timer = setTimeout(kill, timeoutMs);
  signal?.addEventListener("abort", kill);
  const ended = new Promise<number | null>((done) => {
    child.on("error", () => done(null));
    child.on("close", done);
  });
  child.stdin.on("error", () => {}); // It may be gone already; how it ended says why.
  child.stdin.end(JSON.stringify(job));
  const errors = collect(child.stderr, 100_000, () => {});
  const output = collect(child.stdout, job.limits.unpackedBytes + 2 ** 28, kill);
  const code = await ended;
  clearTimeout(timer);
  signal?.removeEventListener("abort", kill);
  signal?.throwIfAborted();
  if (code === 0) return Buffer.concat(output.chunks);
  const words = Buffer.concat(errors.chunks).toString("utf8");
  if (code === refusedExitCode) throw invalid(job.path, words);
  throw invalid(job.path, howItEnded(child.signalCode, words), words);
}

/** Where the reader's libraries really are: `node_modules` may be a link. */
async function librariesDir(): Promise<string> {
  const library = await realpath(fileURLToPath(import.meta.resolve("h5wasm/node")));
  return library.slice(0, library.lastIndexOf("node_modules") + "node_modules".length);
}

/** Gathers a stream up to a limit; beyond it, tells and drops the rest. */
function collect(stream: NodeJS.ReadableStream, limitBytes: number, onLimit: () => void): { chunks: Buffer[] } {
  const gathered = { chunks: [] as Buffer[] };
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limitBytes) gathered.chunks.push(chunk);
    else onLimit();
  });
  return gathered;
}

function howItEnded(killedBy: NodeJS.Signals | null, words: string): string {
  if (killedBy === "SIGKILL") return "reading it took too long, or gave too much";
  const lastLine = words.split("\n").find((line) => /Error/.test(line));
  return `it is broken or cut short (${lastLine?.trim() ?? `its reader ended with ${killedBy ?? "an error"}`})`;
}

function parseStream(bytes: Buffer, path: string): Container {
  const { tensors, metadata } = parseTensors(bytes, path);
  const parsed = contents.safeParse(JSON.parse(metadata.keras ?? "null"));
  if (!parsed.success) throw invalid(path, "its reader gave no contents");
  return { ...parsed.data, tensors };
}
