/** Where the weights of a base come from: embedded, a local file, or a download into the cache. */
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { problemOf } from "../base/files.ts";
import { sha256, sha256File } from "../base/hash.ts";
import { noProgress, type Progress } from "../base/progress.ts";
import type { BaseId } from "../config/candidate.ts";
import type { WeightsSource } from "../config/weights.ts";
import { FulcrumError } from "../errors/index.ts";
import { type AvailableBase, type BaseModel, bases } from "./bases.ts";
import { download } from "./download.ts";

export interface SourceOptions {
  /** What the project file says, by base. */
  readonly sources: Partial<Readonly<Record<BaseId, WeightsSource>>>;
  /** Folder that files of `sources` are relative to. */
  readonly projectDir: string;
  /** Where downloads are kept, and shared. */
  readonly cacheDir: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A base with its weights at hand: those that the project names, else the embedded ones, else the publisher's, which
 * are downloaded once.
 * @throws MODEL_BASE_UNAVAILABLE, FILE_UNREADABLE, MODEL_WEIGHTS_INVALID, DOWNLOAD_FAILED, DOWNLOAD_WRONG_FILE
 */
export async function resolveBase(id: BaseId, options: SourceOptions): Promise<AvailableBase> {
  const base = bases[id];
  const source = options.sources[id] ?? null;
  if (source !== null && "file" in source) return fromFile(base, source, resolve(options.projectDir, source.file));
  if (source !== null) return fromUrl(base, { url: source.url, sha256: source.sha256, md5: null }, options);
  if (base.weights !== null) return { ...base, weights: base.weights };
  if (base.published !== null) return fromUrl(base, { ...base.published, sha256: null }, options);
  throw new FulcrumError("MODEL_BASE_UNAVAILABLE", { base: id });
}

const unknownLicence = "not known: see where the weights came from";

async function fromFile(base: BaseModel, source: { sha256: string | null }, path: string): Promise<AvailableBase> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  });
  const found = await sha256File(path);
  if (source.sha256 !== null && source.sha256.toLowerCase() !== found) {
    throw new FulcrumError("MODEL_WEIGHTS_INVALID", { path, problem: `its SHA-256 is ${found}, not ${source.sha256}` });
  }
  const origin = `file ${basename(path)}`;
  return { ...base, weights: { path, sha256: found, sizeBytes: size, licence: unknownLicence, origin } };
}

interface Published {
  readonly url: string;
  readonly sha256: string | null;
  readonly md5: string | null;
}

async function fromUrl(base: BaseModel, { url, sha256: hash, md5 }: Published, options: SourceOptions) {
  const { cacheDir, progress = noProgress, signal = new AbortController().signal } = options;
  const path = downloadPath(cacheDir, url);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere) await download({ url, path, sha256: hash, md5, progress, signal });
  const found = await fromFile(base, { sha256: hash }, path);
  const licence = url === base.published?.url ? base.published.licence : unknownLicence;
  return { ...found, weights: { ...found.weights, licence, origin: url } };
}

/** A place of its own for each address, under the file's own name. */
export function downloadPath(cacheDir: string, url: string): string {
  const name = basename(new URL(url).pathname) || "weights";
  return join(cacheDir, "weights", sha256(url).slice(0, 16), name);
}
