/** The pinned Debian packages of the image's system layer; `node tools/debian-lock.ts` makes packages.json anew. */
import packages from "./packages.json" with { type: "json" };

export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** Top folder of the mirror: "debian" or "debian-security". */
  readonly archive: string;
  /** Below the archive: "pool/main/...". */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface DebianLock {
  readonly suite: string;
  /** When the packages were current; snapshot.debian.org serves them for good under this time. */
  readonly snapshot: string;
  readonly amd64: readonly PinnedPackage[];
  readonly arm64: readonly PinnedPackage[];
}

export const debianLock: DebianLock = packages;
