/**
 * Features on disk, in chunks: a file holds what one base gives for up to 64 photos of a class: its features, the values
 * at the boundary of its frozen part, or both. Its name is a hash of everything that the values depend on, so a file
 * that exists is right, whoever wrote it: a run that was killed goes on, and candidates share what they have in common.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PhotoVersion } from "../augment/index.ts";
import { writeFileAtomic } from "../base/files.ts";
import { sha256, sha256Value } from "../base/hash.ts";
import { fulcrumVersion } from "../base/version.ts";
import type { Augmentation } from "../config/candidate.ts";
import type { Photo } from "../records/dataset.ts";
import type { Preprocessing } from "../records/preprocessing.ts";

const chunkPhotos = 64;
const hashBytes = 32;

/** Photos whose features are computed and kept together. */
export interface Chunk {
  readonly photos: readonly Photo[];
  /** Index of each photo in its split. */
  readonly rows: readonly number[];
  /** How each photo is changed; null: as it is. */
  readonly versions: readonly PhotoVersion[] | null;
}

/** A value that a base gives for a photo, without the batch's dimension. */
export interface SourceOutput {
  readonly name: string;
  readonly dims: readonly number[];
}

/** What features depend on besides the photos. */
export interface FeatureSource {
  readonly baseId: string;
  readonly weightsSha256: string;
  readonly preprocessing: Preprocessing;
  readonly runtimeVersion: string;
  /** Where the frozen part ends: hash of its graph. */
  readonly graphSha256: string;
  /** In the order of a row. */
  readonly outputs: readonly SourceOutput[];
}

/** Values a photo. */
export function rowLength({ outputs }: Pick<FeatureSource, "outputs">): number {
  return outputs.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
}

/** Chunks of one split: by class, in the photos' order. @param versionOf how a photo is changed, by its index */
export function planChunks(
  photos: readonly Photo[],
  versionOf: ((row: number) => PhotoVersion) | null = null,
): readonly Chunk[] {
  const members = photos.map((photo, row) => ({ photo, row }));
  const byClass = Object.values(Object.groupBy(members, ({ photo }) => photo.label));
  return byClass.flatMap((group = []) =>
    Array.from({ length: Math.ceil(group.length / chunkPhotos) }, (_, index) => {
      const part = group.slice(index * chunkPhotos, (index + 1) * chunkPhotos);
      const rows = part.map(({ row }) => row);
      return { photos: part.map(({ photo }) => photo), rows, versions: versionOf && rows.map(versionOf) };
    }),
  );
}

/** Where a chunk's features lie. */
export function chunkPath(
  featureDir: string,
  source: FeatureSource,
  chunk: Chunk,
  augmentation: Augmentation | null = null,
): string {
  const { input: _, ...pixels } = source.preprocessing;
  const key = sha256Value({
    ...source,
    preprocessing: pixels,
    fulcrum: fulcrumVersion,
    photos: chunk.photos.map((photo) => photo.sha256),
    // How many versions there are in all says nothing about this one.
    ...(chunk.versions === null ? {} : { versions: chunk.versions, augmentation: { ...augmentation, versions: null } }),
  });
  return join(featureDir, source.baseId, `${key}.f32`);
}

/** Byte of a chunk's file at which a photo's row begins. */
export function rowOffset(source: FeatureSource, place: number): number {
  return hashBytes + 4 * place * rowLength(source);
}

/** True for a chunk's file that is there and whole. */
export async function isChunkWhole(path: string, length: number): Promise<boolean> {
  return (await readChunk(path, length)) !== null;
}

/** Rows [photos, row length] of a chunk; null if the file is missing or damaged. */
async function readChunk(path: string, length: number): Promise<Float32Array | null> {
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
