/** What a folder of photos is, read once: the common first half of reading and inspecting a data set. */
import type { Progress } from "../base/progress.ts";
import type { Dataset } from "../records/dataset.ts";
import { interpretListing, type LabelledPath, type Layout } from "./layout.ts";
import { type ReadablePhoto, readPhotos } from "./photos.ts";
import { markerFile, readMarker, type SyntheticMarker } from "./synth/marker.ts";
import { listFolder } from "./walk.ts";

export type SurveyedPhoto = LabelledPath & Omit<ReadablePhoto, "readable">;

export interface Survey {
  readonly layout: Layout;
  /** Readable photos in the layout's order. */
  readonly photos: readonly SurveyedPhoto[];
  readonly unreadable: Dataset["unreadable"];
  /** Files that are no photos. */
  readonly otherFiles: readonly string[];
  readonly marker: SyntheticMarker | "damaged" | undefined;
  /** True when a marker file, or any photo itself, says that it was drawn. */
  readonly synthetic: boolean;
}

export interface SurveyOptions {
  readonly dir: string;
  readonly layout: "auto" | Dataset["layout"];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Lists, interprets, reads and decodes everything in `dir`.
 * @throws errors of listFolder and interpretListing; the signal's reason when it fires
 */
export async function surveyFolder({ dir, layout: asked, progress, signal }: SurveyOptions): Promise<Survey> {
  const listing = await listFolder(dir);
  const marker = await readMarker(dir);
  const layout = interpretListing(dir, listing, asked);
  const paths = layout.photos.map(({ path }) => path);
  const results = await readPhotos(dir, paths, { progress, signal });
  const photos: SurveyedPhoto[] = [];
  const unreadable: Dataset["unreadable"] = [];
  layout.photos.forEach((labelled, i) => {
    const result = results[i]!;
    if (result.readable) {
      const { readable: _readable, ...properties } = result;
      photos.push({ ...labelled, ...properties });
    } else unreadable.push({ path: labelled.path, problem: result.problem });
  });
  const otherFiles = listing.others.filter((path) => path !== markerFile);
  const synthetic = marker !== undefined || photos.some(({ isDrawn }) => isDrawn);
  return { layout, photos, unreadable, otherFiles, marker, synthetic };
}
