/**
 * Where a classifier gets its sessions from: the model file itself, or what was prepared from it for this machine.
 * Preparing means that ONNX Runtime's rewriting of the graph is done once, and its result kept: a prepared model is mapped
 * into memory instead of read, so that it opens fast and the sessions of all processes share one copy of the weights.
 */
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { problemOf, writeFileAtomic, writeJsonAtomic } from "../base/files.ts";
import { sha256, sha256File } from "../base/hash.ts";
import { describeMachine } from "../base/machine.ts";
import { fulcrumVersion } from "../base/version.ts";
import { createSession, prepareModel, runtimeVersion, type Session } from "../engine/runtime/index.ts";
import { FulcrumError } from "../errors/index.ts";
import type { ModelMetadata } from "../models/index.ts";

export interface SessionSource {
  readonly metadata: ModelMetadata;
  /** Of the model file as training wrote it. */
  readonly modelSha256: string;
  openSession(threads: number): Promise<Session>;
}

/** The model as it is in its file. @throws FILE_UNREADABLE, MODEL_FILE_INVALID */
export async function modelFileSource(modelPath: string): Promise<SessionSource> {
  // Loaded when it is needed: what reads model files is large, and a prepared model does without it.
  const { readModelFile } = await import("../models/index.ts");
  const { metadata, bytes, trainedSha256 } = await readModelFile(modelPath);
  return {
    metadata,
    modelSha256: trainedSha256,
    openSession: (threads) => createSession(bytes, { threads }),
  };
}

/** What is kept beside a prepared model. */
interface PreparedModel {
  readonly metadata: ModelMetadata;
  readonly modelSha256: string;
}

/** Prepared models that are kept; the oldest go. */
const keptModels = 8;

/**
 * The model prepared for this machine, from `dir` or made there now. Where `dir` cannot be written the model file itself
 * is used: the same probabilities, a slower start, and weights held by each session.
 * @throws FILE_UNREADABLE, MODEL_FILE_INVALID, ENGINE_SESSION_FAILED
 */
export async function preparedSource(modelPath: string, dir: string): Promise<SessionSource> {
  const path = join(dir, `${await preparedName(modelPath, dir)}.ort`);
  const known = await readPrepared(path);
  if (known) return mappedSource(path, known);
  const source = await modelFileSource(modelPath);
  try {
    await mkdir(dir, { recursive: true });
  } catch {
    return source; // A file system that is read only: nothing can be kept.
  }
  await prepare(modelPath, path);
  const prepared: PreparedModel = { metadata: source.metadata, modelSha256: source.modelSha256 };
  await writeJsonAtomic(descriptionPath(path), prepared);
  await removeOldest(dir);
  return mappedSource(path, prepared);
}

function mappedSource(path: string, prepared: PreparedModel): SessionSource {
  return { ...prepared, openSession: (threads) => createSession(path, { threads, isPrepared: true }) };
}

/** Names the model's bytes and everything that the result depends on. */
async function preparedName(modelPath: string, dir: string): Promise<string> {
  let hash: string;
  try {
    hash = await knownHash(modelPath, dir);
  } catch (cause) {
    throw new FulcrumError("FILE_UNREADABLE", { path: modelPath, problem: problemOf(cause) }, { cause });
  }
  const { platform, cpuModel, cpuFeatures } = describeMachine();
  const machine = sha256([fulcrumVersion, runtimeVersion, platform, cpuModel, ...cpuFeatures].join("\n"));
  return `${hash.slice(0, 32)}-${machine.slice(0, 12)}`;
}

/** A file that was changed so recently may be changed again without its times telling. */
const settledMs = 2000;

/** The file's SHA-256, kept for as long as its size, times and place on disk stay: hashing a large one takes a while. */
async function knownHash(modelPath: string, dir: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs } = await stat(modelPath, { bigint: true });
  const note = join(dir, `${sha256([dev, ino, size, mtimeNs, ctimeNs].join(" ")).slice(0, 32)}.sha256`);
  try {
    return (await readFile(note, "utf8")).trim();
  } catch {
    const hash = await sha256File(modelPath);
    if (Date.now() - Number(mtimeMs) > settledMs) await writeFileAtomic(note, `${hash}\n`).catch(() => {});
    return hash;
  }
}

function descriptionPath(path: string): string {
  return `${path}.json`;
}

/** The description is written last, so where it is, the model is whole. */
async function readPrepared(path: string): Promise<PreparedModel | undefined> {
  try {
    await stat(path);
    return JSON.parse(await readFile(descriptionPath(path), "utf8")) as PreparedModel;
  } catch {
    return undefined;
  }
}

/** Several workers may do this at once: each writes a file of its own, and the names are exchanged whole. */
async function prepare(modelPath: string, path: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await prepareModel(modelPath, unfinished);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function removeOldest(dir: string): Promise<void> {
  for (const suffix of [".ort", ".sha256"]) {
    const names = (await readdir(dir)).filter((name) => name.endsWith(suffix));
    const files = await Promise.all(
      names.map(async (name) => ({ path: join(dir, name), ms: (await stat(join(dir, name))).mtimeMs })),
    );
    files.sort((a, b) => b.ms - a.ms);
    for (const { path } of files.slice(keptModels)) {
      await rm(descriptionPath(path), { force: true });
      await rm(path, { force: true });
    }
  }
}
