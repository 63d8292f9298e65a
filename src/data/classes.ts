/** The classes of a folder of photos, without reading the photos. */
import { interpretListing } from "./layout.ts";
import { listFolder } from "./walk.ts";

/** @throws errors of listFolder and interpretListing */
export async function readClasses(dir: string): Promise<readonly string[]> {
  return interpretListing(dir, await listFolder(dir), "auto").classes;
}
