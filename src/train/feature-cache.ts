/**
 * Features on disk, in chunks: a file holds the features of up to 64 photos of a class from one base. Its name is a
 * hash of everything that the values depend on, so a file that exists is right, whoever wrote it: a run that was
 * killed goes on, and candidates share what they have in common.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../base/files.ts";
import { sha256, sha256Value } from "../base/hash.ts";
import { fulcrumVersion } from "../base/version.ts";
import type { Photo } from "../records/dataset.ts";
import type { Preprocessing } from "../records/preprocessing.ts";

const chunkPhotos = 64;
const hashBytes = 32;

/** Photos whose features are computed and kept together. */
export interface Chunk {
  readonly photos: readonly Photo[];
  /** Row of each photo in the feature matrix. */
  readonly rows: readonly number[];
}

/** What features depend on besides the photos. */
export interface FeatureSource {
  readonly baseId: string;
  readonly weightsSha256: string;
  readonly preprocessing: Preprocessing;
  readonly runtimeVersion: string;
  readonly featureCount: number;
}

/** Chunks of one split: by class, in the photos' order. @param firstRow row of the first photo */
export function planChunks(photos: readonly Photo[], firstRow: number): readonly Chunk[] {
  const members = photos.map((photo, index) => ({ photo, row: firstRow + index }));
  const byClass = Object.values(Object.groupBy(members, ({ photo }) => photo.label));
  return byClass.flatMap((group = []) =>
    Array.from({ length: Math.ceil(group.length / chunkPhotos) }, (_, index) => {
      const part = group.slice(index * chunkPhotos, (index + 1) * chunkPhotos);
      return { photos: part.map(({ photo }) => photo), rows: part.map(({ row }) => row) };
    }),
  );
}

/** Where a chunk's features lie. */
export function chunkPath(featureDir: string, source: FeatureSource, chunk: Chunk): string {
  const { input: _, ...pixels } = source.preprocessing;
  const key = sha256Value({
    ...source,
    preprocessing: pixels,
    fulcrum: fulcrumVersion,
    photos: chunk.photos.map((photo) => photo.sha256),
  });
  return join(featureDir, source.baseId, `${key}.f32`);
}

/** Features [photos, featureCount] of a chunk; null if the file is missing or damaged. */
export async function readChunk(path: string, length: number): Promise<Float32Array | null> {
  const file = await readFile(path).catch(() => null);
  if (file === null || file.byteLength !== hashBytes + 4 * length) return null;
  const values = new Uint8Array(file.subarray(hashBytes));
  return sha256(values) === file.toString("hex", 0, hashBytes) ? new Float32Array(values.buffer) : null;
}

/** Writes a chunk whole or not at all: its SHA-256, then little-endian float32. */
export async function writeChunk(path: string, features: Float32Array): Promise<void> {
  const values = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
  await writeFileAtomic(path, Buffer.concat([Buffer.from(sha256(values), "hex"), values]));
}
