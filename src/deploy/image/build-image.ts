/** A model file -> an image that serves it: layers from what changes least to what changes most. */
import { join } from "node:path";
import { sha256File } from "../../base/hash.ts";
import type { Progress } from "../../base/progress.ts";
import { cacheDir } from "../../config/paths.ts";
import { buildApplication } from "./application.ts";
import { type AssembledImage, assembleImage } from "./assemble.ts";
import { BlobStore, type Compression } from "./blobs.ts";
import { containerConfig, modelPath } from "./container.ts";
import { defaultMirror } from "./debian/fetch-packages.ts";
import { debianLock } from "./debian/lock.ts";
import { dependencyEntries } from "./dependencies-layer.ts";
import { type LayerEntry, plainMode } from "./layer-entry.ts";
import { nodeEntries } from "./node-layer.ts";
import type { Layer } from "./oci.ts";
import type { Architecture } from "./platform.ts";
import type { RegistryOptions } from "./registry/client.ts";
import { pullBase } from "./registry/pull-base.ts";
import { writeRootFolder } from "./root-folder.ts";
import { systemEntries } from "./system-layer.ts";

export interface ImageSource {
  readonly modelFile: string;
  readonly architecture: Architecture;
  /** Without /debian; the world's where not given. */
  readonly debianMirror?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImageOptions extends ImageSource {
  readonly compression: Compression;
  /** An image of a registry, by digest, in place of the system layer. */
  readonly base?: RegistryOptions | undefined;
  readonly progress: Progress;
}

interface Part {
  readonly title: "system" | "node" | "dependencies" | "application" | "model";
  readonly entries: () => Promise<readonly LayerEntry[]>;
}

const imageCache = join(cacheDir, "image");

/** @throws IMAGE_..., FILE_UNREADABLE, FILE_UNWRITABLE */
export async function buildImage(options: ImageOptions): Promise<AssembledImage> {
  const { modelFile, architecture, compression, base, signal } = options;
  const store = new BlobStore(imageCache);
  const modelSha256 = await sha256File(modelFile);
  const parts = (await partsOf(options)).filter(({ title }) => base === undefined || title !== "system");
  const task = options.progress.task("Image", parts.length, "layers");
  const below = base === undefined ? { layers: [], env: [] } : await pullBase(base, architecture, store);
  const layers: Layer[] = [...below.layers];
  for (const { title, entries } of parts) {
    signal?.throwIfAborted();
    layers.push(await store.addLayer(title, await entries(), compression));
    task.advance(1, title);
  }
  task.finish();
  return assembleImage(store, architecture, containerConfig(modelSha256, below.env), layers);
}

/** The files of the image in a folder, without an archive. @throws as buildImage, IMAGE_FOLDER_NOT_EMPTY */
export async function writeImageRoot(source: ImageSource, dir: string): Promise<void> {
  const entries = await Promise.all((await partsOf(source)).map((part) => part.entries()));
  await writeRootFolder(dir, entries.flat());
}

async function partsOf({ modelFile, architecture, debianMirror, signal }: ImageSource): Promise<Part[]> {
  const install = { cacheDir: imageCache, architecture, signal };
  const mirror = debianMirror ?? defaultMirror;
  const debian = { cacheDir: imageCache, mirror, snapshot: debianLock.snapshot, signal };
  const application = await buildApplication(signal);
  const model: LayerEntry = { kind: "file", path: modelPath, mode: plainMode, content: { source: modelFile } };
  return [
    { title: "system", entries: () => systemEntries(architecture, debian) },
    { title: "node", entries: () => nodeEntries(install) },
    { title: "dependencies", entries: () => dependencyEntries(application.packages, install) },
    { title: "application", entries: async () => application.entries },
    { title: "model", entries: async () => [model] },
  ];
}
