/**
 * Entries -> the bytes of a layer, the same on every machine: sorted, owned by root, dated 1970, compressed by a
 * compressor in JavaScript (the one in Node gives other bytes on other processors).
 */
import { readFile } from "node:fs/promises";
import { gzip } from "fflate";
import { pack } from "tar-stream";
import { type LayerEntry, orderEntries } from "./layer-entry.ts";

const epoch = new Date(0);

/** The uncompressed archive. @throws the file system's error where a source file is gone */
export async function packEntries(entries: readonly LayerEntry[]): Promise<Uint8Array> {
  const archive = pack();
  const chunks: Buffer[] = [];
  const read = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Buffer);
  })();
  const owner = { uid: 0, gid: 0, mtime: epoch };
  for (const entry of orderEntries(entries)) {
    if (entry.kind === "directory")
      archive.entry({ name: `${entry.path}/`, type: "directory", mode: entry.mode, ...owner });
    else if (entry.kind === "link")
      archive.entry({ name: entry.path, type: "symlink", linkname: entry.target, mode: 0o777, ...owner });
    else await addFile(archive, entry, owner);
  }
  archive.finalize();
  await read;
  return Buffer.concat(chunks);
}

async function addFile(
  archive: ReturnType<typeof pack>,
  { path, mode, content }: Extract<LayerEntry, { kind: "file" }>,
  owner: { uid: number; gid: number; mtime: Date },
): Promise<void> {
  const bytes = "bytes" in content ? content.bytes : await readFile(content.source);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  archive.entry({ name: path, type: "file", mode, size: bytes.byteLength, ...owner }, Buffer.from(bytes), (error) =>
    error ? reject(error) : resolve(),
  );
  await promise;
}

/** Each member of the compressed file holds so much, so that members can be made side by side. */
const memberBytes = 8 * 1024 ** 2;
const level = 6;

/**
 * gzip in members of a fixed length (RFC 1952, section 2.2: their concatenation is one file), so the result does not
 * depend on how many are made at a time.
 */
export async function compress(bytes: Uint8Array, threads: number): Promise<Uint8Array> {
  const starts = Array.from({ length: Math.max(1, Math.ceil(bytes.length / memberBytes)) }, (_, i) => i * memberBytes);
  const members: Uint8Array[] = [];
  const queue = starts.entries();
  const work = async () => {
    for (const [i, start] of queue)
      members[i] = await gzipMember(new Uint8Array(bytes.subarray(start, start + memberBytes)));
  };
  await Promise.all(Array.from({ length: threads }, work));
  return Buffer.concat(members);
}

/** In a thread of its own, which takes the bytes away: they are a copy, as a Buffer may be part of a larger one. */
function gzipMember(bytes: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  gzip(bytes, { level, mtime: 0, consume: true }, (error, data) => (error ? reject(error) : resolve(data)));
  return promise;
}
