/** How drawn photos are told from real ones: a marker file in their folder and a comment in every JPEG. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../../base/files.ts";

export const markerFile = "fulcrum-synthetic.json";
const note = "Drawn by fulcrum: these photos are synthetic and show no real dish.";
const comment = Buffer.from("fulcrum synthetic photo", "latin1");

const marker = z.object({
  note: z.string(),
  /** Version of the renderer: photos of another one differ for the same seed. */
  renderer: z.int(),
  seed: z.int(),
  classes: z.array(z.string()),
  photosPerClass: z.object({ training: z.int(), validation: z.int(), evaluation: z.int() }),
  /** Length of the long side in pixels. */
  size: z.int(),
  /** False until the last photo is drawn. */
  complete: z.boolean(),
});

/** What a synthetic set was drawn with. */
export type SyntheticMarker = z.output<typeof marker>;

/** The folder's marker; undefined when there is none. A damaged one still says that the set is synthetic. */
export async function readMarker(dir: string): Promise<SyntheticMarker | "damaged" | undefined> {
  const text = await readFile(join(dir, markerFile), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return marker.parse(JSON.parse(text));
  } catch {
    return "damaged";
  }
}

export async function writeMarker(dir: string, options: Omit<SyntheticMarker, "note">): Promise<void> {
  await writeJsonAtomic(join(dir, markerFile), { note, ...options });
}

/** A JPEG with the comment segment (COM, ITU-T T.81 B.2.4.5) after its application segments. */
export function markJpeg(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = endOfApplicationSegments(jpeg);
  const segment = Uint8Array.of(0xff, 0xfe, 0, comment.length + 2, ...comment);
  const marked = new Uint8Array(jpeg.length + segment.length);
  marked.set(jpeg.subarray(0, at), 0);
  marked.set(segment, at);
  marked.set(jpeg.subarray(at), at + segment.length);
  return marked;
}

/** True for a file that markJpeg marked, even when it has been copied elsewhere. */
export function isDrawnPhoto(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false;
  const at = endOfApplicationSegments(bytes);
  if (bytes[at] !== 0xff || bytes[at + 1] !== 0xfe) return false;
  return comment.equals(bytes.subarray(at + 4, at + 4 + comment.length));
}

function endOfApplicationSegments(jpeg: Uint8Array): number {
  let at = 2;
  while (jpeg[at] === 0xff && jpeg[at + 1]! >= 0xe0 && jpeg[at + 1]! <= 0xef) {
    at += 2 + (jpeg[at + 2]! << 8) + jpeg[at + 3]!;
  }
  return at;
}
