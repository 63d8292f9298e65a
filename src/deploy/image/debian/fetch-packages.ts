/** Pinned Debian packages from the cache, the mirror, or the archive of everything that a mirror ever had. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { problemOf, readBytes, writeFileAtomic } from "../../../base/files.ts";
import { sha256 } from "../../../base/hash.ts";
import { FulcrumError, isFulcrumError } from "../../../errors/index.ts";
import type { PinnedPackage } from "./lock.ts";

export const defaultMirror = "https://deb.debian.org";
/** Keeps packages that mirrors have dropped. */
const snapshotArchive = "https://snapshot.debian.org/archive";

export interface PackageSource {
  /** Holds the packages by their hash. */
  readonly cacheDir: string;
  /** Address above `debian/` and `debian-security/`. */
  readonly mirror: string;
  /** Time of the lock, as "20261129T120000Z". */
  readonly snapshot: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The package's bytes; whatever gave them, their hash is the pinned one.
 * @throws IMAGE_PACKAGE_UNAVAILABLE where no place has it
 */
export async function fetchPackage(pin: PinnedPackage, source: PackageSource): Promise<Uint8Array> {
  const cached = join(source.cacheDir, "debian", `${pin.sha256}.deb`);
  const kept = await readKept(cached, pin.sha256);
  if (kept) return kept;
  const problems: string[] = [];
  for (const base of [`${source.mirror}/${pin.archive}`, `${snapshotArchive}/${pin.archive}/${source.snapshot}`]) {
    const url = `${base}/${pin.path.split("/").map(encodeURIComponent).join("/")}`;
    try {
      const bytes = await download(url, source.signal);
      const found = sha256(bytes);
      if (found === pin.sha256) {
        await writeFileAtomic(cached, bytes);
        return bytes;
      }
      problems.push(`${url} has SHA-256 ${found}`);
    } catch (error) {
      source.signal?.throwIfAborted();
      problems.push(`${url}: ${problemOf(error)}`);
    }
  }
  throw new FulcrumError("IMAGE_PACKAGE_UNAVAILABLE", {
    name: `${pin.name} ${pin.version}`,
    sha256: pin.sha256,
    problems: problems.join("; "),
  });
}

/** A cached file whose hash is wrong is thrown away. */
async function readKept(path: string, hash: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readBytes(path);
    if (sha256(bytes) === hash) return bytes;
    await rm(path);
    return undefined;
  } catch (error) {
    if (isFulcrumError(error, "FILE_UNREADABLE")) return undefined;
    throw error;
  }
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const response = await fetch(url, { signal: signal ?? null });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
