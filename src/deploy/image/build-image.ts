/** A model file -> an image that serves it: five layers, from what changes least to what changes most. */
import { join } from "node:path";
import { sha256File } from "../../base/hash.ts";
import type { Progress } from "../../base/progress.ts";
import { fulcrumVersion } from "../../base/version.ts";
import { cacheDir } from "../../config/paths.ts";
import { applicationDir, buildApplication } from "./application.ts";
import { BlobStore, type Compression } from "./blobs.ts";
import { defaultMirror } from "./debian/fetch-packages.ts";
import { debianLock } from "./debian/lock.ts";
import { dependencyEntries } from "./dependencies-layer.ts";
import { type LayerEntry, plainMode } from "./layer-entry.ts";
import { nodeEntries, nodePath } from "./node-layer.ts";
import { type ContainerConfig, type ImageDocuments, imageDocuments, type Layer } from "./oci.ts";
import type { Architecture } from "./platform.ts";
import { nonRootId, systemEntries } from "./system-layer.ts";

/** Where the model is in the image. */
export const modelPath = "model/model.onnx";
export const servicePort = 8080;

export interface ImageOptions {
  readonly modelFile: string;
  readonly architecture: Architecture;
  readonly compression: Compression;
  readonly debianMirror?: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

export interface BuiltImage extends ImageDocuments {
  readonly architecture: Architecture;
  readonly layers: readonly Layer[];
  readonly modelSha256: string;
  /** Holds every blob of the image. */
  readonly store: BlobStore;
}

/** @throws IMAGE_PACKAGE_UNAVAILABLE, IMAGE_NPM_FAILED, IMAGE_COMPILE_FAILED, FILE_UNREADABLE, FILE_UNWRITABLE */
export async function buildImage(options: ImageOptions): Promise<BuiltImage> {
  const { modelFile, architecture, compression, signal } = options;
  const cache = join(cacheDir, "image");
  const store = new BlobStore(cache);
  const install = { cacheDir: cache, architecture, signal };
  const modelSha256 = await sha256File(modelFile);
  const application = await buildApplication(signal);
  const parts: readonly [title: string, entries: () => Promise<readonly LayerEntry[]>][] = [
    ["system", () => systemEntries(architecture, debianSource(cache, options))],
    ["node", () => nodeEntries(install)],
    ["dependencies", () => dependencyEntries(application.packages, install)],
    ["application", async () => application.entries],
    ["model", async () => [{ kind: "file", path: modelPath, mode: plainMode, content: { source: modelFile } }]],
  ];
  const task = options.progress.task("Image", parts.length, "layers");
  const layers: Layer[] = [];
  for (const [title, entries] of parts) {
    signal?.throwIfAborted();
    const layer = await store.addLayer(title, await entries(), compression);
    layers.push(layer);
    task.advance(1, title);
  }
  task.finish();
  const documents = imageDocuments(architecture, containerConfig(modelSha256), layers);
  await store.put(documents.config.digest, documents.config.bytes);
  await store.put(documents.manifest.digest, documents.manifest.bytes);
  return { ...documents, architecture, layers, modelSha256, store };
}

function debianSource(cache: string, { debianMirror, signal }: ImageOptions) {
  return { cacheDir: cache, mirror: debianMirror ?? defaultMirror, snapshot: debianLock.snapshot, signal };
}

/** The entry point takes any of the container's verbs; by default the model is served. */
function containerConfig(modelSha256: string): ContainerConfig {
  return {
    User: `${nonRootId}:${nonRootId}`,
    // MALLOC_ARENA_MAX: photo decoding in several threads would fragment glibc's arenas.
    // ORT_DISABLE_TELEMETRY: see engine/runtime/no-telemetry.ts.
    Env: ["PATH=/usr/local/bin", "NODE_ENV=production", "MALLOC_ARENA_MAX=2", "ORT_DISABLE_TELEMETRY=1"],
    Entrypoint: [`/${nodePath}`, "--disable-warning=ExperimentalWarning", `/${applicationDir}/src/cli/container.js`],
    Cmd: ["serve", `/${modelPath}`, "--host", "0.0.0.0", "--port", String(servicePort)],
    WorkingDir: `/${applicationDir}`,
    ExposedPorts: { [`${servicePort}/tcp`]: {} },
    Labels: {
      "org.opencontainers.image.title": "fulcrum",
      "org.opencontainers.image.version": fulcrumVersion,
      "fulcrum.model.sha256": modelSha256,
    },
    StopSignal: "SIGTERM",
  };
}
