/** Layers made once: packed, compressed and kept in the cache by what is in them. */
import { createReadStream, openAsBlob } from "node:fs";
import { access } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readText, writeFileAtomic, writeJsonAtomic } from "../../base/files.ts";
import { sha256Value } from "../../base/hash.ts";
import { FulcrumError, isFulcrumError } from "../../errors/index.ts";
import { compress, packEntries } from "./archive.ts";
import type { LayerEntry } from "./layer-entry.ts";
import { digestOf, type Layer, mediaTypes } from "./oci.ts";

export type Compression = "gzip" | "none";

/** Goes up when the same archive would be compressed to other bytes. */
const format = 1;

export class BlobStore {
  readonly #dir: string;

  constructor(cacheDir: string) {
    this.#dir = cacheDir;
  }

  /** A layer of the entries; its bytes are in the store then. */
  async addLayer(title: string, entries: readonly LayerEntry[], compression: Compression): Promise<Layer> {
    const archive = await packEntries(entries);
    const diffId = digestOf(archive);
    const note = join(this.#dir, "layers", `${sha256Value({ diffId, compression, format })}.json`);
    const kept = await this.#readNote(note);
    if (kept) return { ...kept, title };
    const bytes = compression === "gzip" ? await compress(archive, availableParallelism()) : archive;
    const mediaType = compression === "gzip" ? mediaTypes.gzipLayer : mediaTypes.layer;
    const layer = { mediaType, digest: digestOf(bytes), size: bytes.length, diffId };
    await this.put(layer.digest, bytes);
    await writeJsonAtomic(note, layer);
    return { ...layer, title };
  }

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#path(digest), bytes);
  }

  async has(digest: string): Promise<boolean> {
    return access(this.#path(digest)).then(
      () => true,
      () => false,
    );
  }

  read(digest: string): ReturnType<typeof createReadStream> {
    return createReadStream(this.#path(digest));
  }

  /** Its bytes are read when they are sent. */
  blob(digest: string): Promise<Blob> {
    return openAsBlob(this.#path(digest));
  }

  /** A digest may come from a registry's manifest: nothing else becomes a path. @throws IMAGE_DIGEST_INVALID */
  #path(digest: string): string {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new FulcrumError("IMAGE_DIGEST_INVALID", { digest });
    return join(this.#dir, "blobs", digest.replace(":", "/"));
  }

  async #readNote(path: string): Promise<Omit<Layer, "title"> | undefined> {
    try {
      const layer = JSON.parse(await readText(path)) as Omit<Layer, "title">;
      return (await this.has(layer.digest)) ? layer : undefined;
    } catch (error) {
      if (isFulcrumError(error, "FILE_UNREADABLE")) return undefined;
      throw error;
    }
  }
}
