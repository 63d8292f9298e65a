/** The model file: one ONNX file that says what it classifies, how photos enter, and how it was made. */
import { readBytes, writeFileAtomic } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import type { Graph } from "../engine/graph/index.ts";
import { encodeModel, readMetadata, replaceMetadata } from "../engine/onnx/index.ts";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import { type EvaluationSummary, type ModelMetadata, parseMetadata, renderMetadata } from "./metadata.ts";

export interface ModelFile {
  readonly metadata: ModelMetadata;
  /** The ONNX file, as a session takes it. */
  readonly bytes: Uint8Array;
  /** Of the file as it is. */
  readonly sha256: string;
  /** Of the file as training wrote it, without evaluation results: it does not change when those are written. */
  readonly trainedSha256: string;
}

/** The bytes of a model file. */
export function renderModelFile(graph: Graph, metadata: ModelMetadata): Uint8Array {
  return encodeModel(graph, { metadata: renderMetadata(metadata) });
}

/** @throws FILE_UNREADABLE; MODEL_FILE_INVALID naming what is missing */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readBytes(path);
  const metadata = metadataOf(bytes, path);
  const hash = sha256(bytes);
  const trained = metadata.evaluation === null ? hash : sha256(withEvaluation(bytes, metadata, null));
  return { metadata, bytes, sha256: hash, trainedSha256: trained };
}

/** Writes a model file, whole or not at all. @throws FILE_UNWRITABLE */
export async function writeModelFile(path: string, bytes: Uint8Array): Promise<void> {
  await writeFileAtomic(path, bytes);
}

/** Puts evaluation results into a model file in place of earlier ones. */
export async function writeEvaluation(path: string, evaluation: EvaluationSummary): Promise<void> {
  const { bytes, metadata } = await readModelFile(path);
  await writeFileAtomic(path, withEvaluation(bytes, metadata, evaluation));
}

function withEvaluation(bytes: Uint8Array, metadata: ModelMetadata, evaluation: EvaluationSummary | null): Uint8Array {
  const foreign = Object.entries(readMetadata(bytes)).filter(([key]) => !key.startsWith("fulcrum."));
  return replaceMetadata(bytes, { ...renderMetadata({ ...metadata, evaluation }), ...Object.fromEntries(foreign) });
}

function metadataOf(bytes: Uint8Array, path: string): ModelMetadata {
  let entries: Readonly<Record<string, string>>;
  try {
    entries = readMetadata(bytes);
  } catch (cause) {
    if (!isFulcrumError(cause, "ENGINE_MODEL_UNREADABLE")) throw cause;
    throw new FulcrumError("MODEL_FILE_INVALID", { path, problem: "it is not an ONNX file" }, { cause });
  }
  const result = parseMetadata(entries);
  if ("problem" in result) throw new FulcrumError("MODEL_FILE_INVALID", { path, problem: result.problem });
  return result.metadata;
}
