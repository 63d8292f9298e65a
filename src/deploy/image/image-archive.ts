/**
 * An image as one file: an OCI layout in a tar archive, with the extra manifest.json that `docker load` of any age
 * reads. Layers are copied from the store as they are.
 */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { problemOf } from "../../base/files.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { AssembledImage } from "./assemble.ts";
import { descriptor, mediaTypes } from "./oci.ts";

/**
 * @param name the image's name with its tag, as `docker load` and `ctr images import` will have it
 * @throws FILE_UNWRITABLE, the signal's reason; without a file then
 */
export async function writeImageArchive(
  image: AssembledImage,
  name: string,
  out: string,
  signal?: AbortSignal,
): Promise<void> {
  const draft = `${out}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(out), { recursive: true });
    const archive = pack();
    const written = pipeline(archive, createWriteStream(draft), signal ? { signal } : {});
    // Whichever of the two fails ends the other.
    const filled = fill(archive, image, name).catch((error: Error) => archive.destroy(error));
    await Promise.all([written, filled]);
    await rename(draft, out);
  } catch (cause) {
    await rm(draft, { force: true });
    signal?.throwIfAborted();
    throw new FulcrumError("FILE_UNWRITABLE", { path: out, problem: problemOf(cause) }, { cause });
  }
}

async function fill(archive: ReturnType<typeof pack>, image: AssembledImage, name: string): Promise<void> {
  const { store, manifest, config, layers } = image;
  await addText(archive, "oci-layout", { imageLayoutVersion: "1.0.0" });
  await addText(archive, "index.json", layoutIndex(image, name));
  await addText(archive, "manifest.json", dockerManifest(image, name));
  for (const { digest, size } of [manifest, config, ...layers]) {
    await addEntry(archive, blobPath(digest), size, () => store.read(digest));
  }
  archive.finalize();
}

const fixed = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) };

function addText(archive: ReturnType<typeof pack>, name: string, value: unknown): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(value));
  return addEntry(archive, name, bytes.length, () => [bytes]);
}

/** In a pipeline, which also hears of it when the archive ends too early. */
async function addEntry(
  archive: ReturnType<typeof pack>,
  name: string,
  size: number,
  source: () => NodeJS.ReadableStream | Iterable<Buffer>,
): Promise<void> {
  const entry = archive.entry({ name, size, ...fixed });
  await pipeline(source(), entry);
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function layoutIndex({ manifest, architecture }: AssembledImage, name: string) {
  const annotations = {
    "io.containerd.image.name": name,
    "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1),
  };
  const platform = { architecture, os: "linux" };
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ ...descriptor(manifest), platform, annotations }],
  };
}

function dockerManifest({ config, layers }: AssembledImage, name: string) {
  return [{ Config: blobPath(config.digest), RepoTags: [name], Layers: layers.map(({ digest }) => blobPath(digest)) }];
}
