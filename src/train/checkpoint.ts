/**
 * Checkpoints: where training is, in one file that is whole or not there. Bytes: SHA-256 of the rest, length of the
 * header (uint32, little-endian), header (JSON), then float32 arrays.
 */
import { readFile, rm } from "node:fs/promises";
import { writeFileAtomic } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import type { EpochRecord } from "../records/training.ts";
import type { Best, RunningSums } from "./metrics.ts";

export type PhaseName = "head" | "fine-tuning";

/** Where a phase is, without its arrays. */
export interface PhasePosition {
  readonly phase: PhaseName;
  /** The epoch that is under way, from 1, and how many of its batches are done. */
  readonly epoch: number;
  readonly batch: number;
  readonly sums: RunningSums;
  /** Seconds that the epoch has taken so far. */
  readonly seconds: number;
  readonly history: readonly EpochRecord[];
  readonly best: Best;
  readonly optimizerSteps: number;
  /** Of the last step. */
  readonly learningRate: number;
  readonly isFinished: boolean;
}

export interface Checkpoint {
  /** Hash of everything that training depends on: a checkpoint of other training is not used. */
  readonly fingerprint: string;
  readonly position: PhasePosition;
  /** Results of the phase before, which the end of training tells. */
  readonly earlier: readonly PhasePosition[];
  /** By name: weights, the best epoch's weights, moments. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

const hashBytes = 32;
const lengthBytes = 4;

/** @throws FILE_UNWRITABLE; the checkpoint before stays */
export async function writeCheckpoint(path: string, { arrays, ...rest }: Checkpoint): Promise<void> {
  const lengths = Object.entries(arrays).map(([name, values]) => ({ name, length: values.length }));
  // JSON has no infinities, which the best so far begins with.
  const header = Buffer.from(JSON.stringify({ ...rest, lengths }, infinitiesAsText));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(header.length);
  const parts = Object.values(arrays).map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  const content = Buffer.concat([length, header, ...parts]);
  await writeFileAtomic(path, Buffer.concat([Buffer.from(sha256(content), "hex"), content]));
}

/** null where there is none, it is damaged, or it belongs to other training. */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint | null> {
  const file = await readFile(path).catch(() => null);
  if (file === null || file.length < hashBytes + lengthBytes) return null;
  const content = file.subarray(hashBytes);
  if (sha256(content) !== file.toString("hex", 0, hashBytes)) return null;
  const headerEnd = lengthBytes + content.readUInt32LE(0);
  const header = JSON.parse(content.toString("utf8", lengthBytes, headerEnd), textAsInfinities) as Omit<
    Checkpoint,
    "arrays"
  > & { lengths: { name: string; length: number }[] };
  if (header.fingerprint !== fingerprint) return null;
  const arrays: Record<string, Float32Array> = {};
  let at = headerEnd;
  for (const { name, length } of header.lengths) {
    arrays[name] = new Float32Array(new Uint8Array(content.subarray(at, at + 4 * length)).buffer);
    at += 4 * length;
  }
  const { position, earlier } = header;
  return { fingerprint, position, earlier, arrays };
}

export async function removeCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true });
}

function infinitiesAsText(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? "Infinity" : value === Number.NEGATIVE_INFINITY ? "-Infinity" : value;
}

function textAsInfinities(_key: string, value: unknown): unknown {
  return value === "Infinity" || value === "-Infinity" ? Number(value) : value;
}
