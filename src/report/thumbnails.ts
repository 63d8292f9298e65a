/** Small copies of the photos that a model got wrong most confidently; of real photos only by consent. */
import { join, resolve, sep } from "node:path";
import { readBytes } from "../base/files.ts";
import type { Dataset } from "../records/dataset.ts";
import type { Evaluation } from "../records/evaluation.ts";
import type { RecordOf } from "../records/record.ts";
import { worstMistakes } from "./facts/mistakes.ts";
import type { ReportInput, Thumbnail } from "./input.ts";

const longSide = 120;
const quality = 70;

export interface ThumbnailSource {
  readonly dataset: RecordOf<Dataset> | undefined;
  readonly evaluations: readonly RecordOf<Evaluation>[];
  readonly consent: boolean;
}

type Shown = Pick<ReportInput, "thumbnails" | "thumbnailsMissing">;

export async function gatherThumbnails({ dataset, evaluations, consent }: ThumbnailSource): Promise<Shown> {
  const none = (thumbnailsMissing: string): Shown => ({ thumbnails: [], thumbnailsMissing });
  if (!dataset) return none("the data set's record is not in this run");
  if (!dataset.body.synthetic && !consent) {
    return none("real photos are shown only by consent: report.photos in the project file, or --photos");
  }
  const thumbnails: Thumbnail[] = [];
  for (const { body } of evaluations) {
    for (const { path } of worstMistakes(body)) {
      const jpeg = await shrink(dataset.body.dir, path);
      if (!jpeg) return none(`the photos are no longer in ${dataset.body.dir}`);
      thumbnails.push({ candidate: body.candidate, path, jpeg });
    }
  }
  return { thumbnails, thumbnailsMissing: null };
}

/** undefined where the photo is gone; a path that leads out of the data set is not followed. */
async function shrink(dir: string, path: string): Promise<Uint8Array | undefined> {
  const file = join(dir, path);
  if (!resolve(file).startsWith(resolve(dir) + sep)) return undefined;
  const bytes = await readBytes(file).catch(() => undefined);
  if (!bytes) return undefined;
  const { decodePhoto, encodeJpeg, resizePixels } = await import("../images/index.ts");
  const photo = await decodePhoto(bytes, path);
  const scale = longSide / Math.max(photo.width, photo.height);
  const sideOf = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  return encodeJpeg(resizePixels(photo, sideOf(photo.width), sideOf(photo.height)), quality);
}
