/** A few photos of a folder, without reading all of it: for a look. */
import { resolve } from "node:path";
import { interpretListing } from "./layout.ts";
import { listFolder } from "./walk.ts";

/**
 * Up to `count` training photos (of a folder without splits: photos), spread evenly over the classes, by path.
 * @throws DATA_* errors where the folder's layout cannot be told
 */
export async function samplePhotos(folder: string, count: number): Promise<readonly string[]> {
  const dir = resolve(folder);
  const { photos } = interpretListing(dir, await listFolder(dir), "auto");
  const ofTraining = photos.filter(({ split }) => split === null || split === "training");
  const step = Math.max(ofTraining.length / count, 1);
  const chosen = Array.from(
    { length: Math.min(count, ofTraining.length) },
    (_, i) => ofTraining[Math.floor(i * step)]!,
  );
  return chosen.map(({ path }) => path);
}
