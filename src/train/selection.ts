/** Which photos of a data set a candidate trains on, and what identifies them. Pure. */
import { basename } from "node:path";
import { sha256Value } from "../base/hash.ts";
import { FulcrumError } from "../errors/index.ts";
import type { Dataset, Photo } from "../records/dataset.ts";

export interface Selection {
  readonly training: readonly Photo[];
  readonly validation: readonly Photo[];
}

/**
 * The training photos, at most `photosPerClass` a class in name order, and all validation photos.
 * @throws TRAIN_TOO_FEW_PHOTOS if a class cannot be trained, or nothing can be validated
 */
export function selectPhotos({ classes, splits }: Dataset, photosPerClass: number | null): Selection {
  const byClass = classes.map((name, label) => {
    const own = splits.training.filter((photo) => photo.label === label);
    if (own.length === 0) tooFew("training", `it has no photo of class ${name}`);
    return own.toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, photosPerClass ?? own.length);
  });
  if (splits.validation.length === 0) tooFew("validation", "it is empty");
  return { training: byClass.flat(), validation: splits.validation };
}

function tooFew(split: string, problem: string): never {
  throw new FulcrumError("TRAIN_TOO_FEW_PHOTOS", { split, problem });
}

/** The data set as a model file names it: its folder's name, and a hash of classes and photos without their place. */
export function describeData(
  dataset: Dataset,
  { training, validation }: Selection,
): { name: string; sha256: string; shares?: Dataset["shares"] } {
  const content = (photos: readonly Photo[]) => photos.map(({ sha256, label }) => [sha256, label]);
  return {
    name: basename(dataset.dir),
    sha256: sha256Value({
      classes: dataset.classes,
      training: content(training),
      validation: content(validation),
    }),
    ...(dataset.shares ? { shares: dataset.shares } : {}),
  };
}
