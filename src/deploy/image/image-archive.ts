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
import type { BlobStore } from "./blobs.ts";
import { type Descriptor, descriptor, mediaTypes } from "./oci.ts";

/** @param name the image's name with its tag, as `docker load` and `ctr images import` will have it */
export async function writeImageArchive(image: AssembledImage, name: string, out: string): Promise<void> {
  const draft = `${out}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(out), { recursive: true });
    const archive = pack();
    const written = pipeline(archive, createWriteStream(draft));
    addText(archive, "oci-layout", { imageLayoutVersion: "1.0.0" });
    addText(archive, "index.json", layoutIndex(image, name));
    addText(archive, "manifest.json", dockerManifest(image, name));
    for (const blob of [image.manifest, image.config, ...image.layers]) await addBlob(archive, image.store, blob);
    archive.finalize();
    await written;
    await rename(draft, out);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new FulcrumError("FILE_UNWRITABLE", { path: out, problem: problemOf(cause) }, { cause });
  }
}

const fixed = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) };

function addText(archive: ReturnType<typeof pack>, name: string, value: unknown): void {
  archive.entry({ name, ...fixed }, JSON.stringify(value));
}

async function addBlob(archive: ReturnType<typeof pack>, store: BlobStore, { digest, size }: Descriptor) {
  const entry = archive.entry({ name: blobPath(digest), size, ...fixed });
  await pipeline(store.read(digest), entry);
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
