/** What a layer holds, as values: where every builder of a layer ends and the archive begins. Pure. */

/** Bytes at hand, or a file of this machine that holds them. */
export type FileContent = { readonly bytes: Uint8Array } | { readonly source: string };

/** `path` is relative to the image's root, with forward slashes. Everything belongs to root. */
export type LayerEntry =
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly content: FileContent }
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

export const plainMode = 0o644;
export const programMode = 0o755;
export const folderMode = 0o755;

export function textFile(path: string, text: string): LayerEntry {
  return { kind: "file", path, mode: plainMode, content: { bytes: new TextEncoder().encode(text) } };
}

/**
 * The entries in the one order that an archive has: by bytes of the path, each folder before what is in it. Folders that
 * nobody named are added; of two entries for one path the later one counts.
 */
export function orderEntries(entries: readonly LayerEntry[]): LayerEntry[] {
  const byPath = new Map<string, LayerEntry>();
  for (const entry of entries) {
    for (const folder of foldersAbove(entry.path))
      if (!byPath.has(folder)) byPath.set(folder, { kind: "directory", path: folder, mode: folderMode });
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** "a/b/c" -> "a", "a/b". */
function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join("/"));
}
