/** One photo, randomly changed, as a model's input. Pure. */
import { Rng } from "../base/rng.ts";
import type { Augmentation } from "../config/candidate.ts";
import { type Pixels, preparePhoto } from "../images/index.ts";
import type { Preprocessing } from "../records/preprocessing.ts";
import { applyTransformToBytes } from "./apply.ts";
import { enhanceContrast, enhanceSaturation } from "./colour.ts";
import { cropAndResize, drawCrop } from "./crop.ts";
import type { Transform } from "./transform.ts";

/** What was drawn for a photo. */
export interface PhotoVersion {
  /** For a picture of `size` pixels a side; shifts are scaled to others. */
  readonly transform: Transform;
  readonly size: number;
  /** Seed of what ImageDataGenerator does not have: crop, contrast, saturation. */
  readonly seed: string;
}

/**
 * Random part or the usual one, ImageDataGenerator's changes, contrast, saturation: RGB bytes [size, size, 3].
 * Inputs of other sizes get the same changes in proportion. What is not whole after ImageDataGenerator's changes is
 * rounded to the nearest level, because models take bytes.
 */
export function preparePhotoVersion(
  photo: Pixels,
  preprocessing: Preprocessing,
  options: Augmentation,
  version: PhotoVersion,
): Uint8Array {
  const { size } = preprocessing;
  const rng = new Rng(version.seed);
  const box = options.randomCrop ? drawCrop(options.randomCrop, photo, rng) : null;
  const contrast = options.contrast ? rng.uniform(...options.contrast) : null;
  const saturation = options.saturation ? rng.uniform(...options.saturation) : null;
  const plain = box ? cropAndResize(photo, box, size) : preparePhoto(photo, preprocessing);
  const bytes = changed(plain, size, options, scaleShifts(version.transform, size / version.size));
  if (contrast !== null) enhanceContrast(bytes, contrast);
  if (saturation !== null) enhanceSaturation(bytes, saturation);
  return bytes;
}

function changed(data: Uint8Array, size: number, options: Augmentation, transform: Transform): Uint8Array {
  const { fill, fillValue, interpolationOrder: order } = options;
  return applyTransformToBytes({ width: size, height: size, data }, transform, { fill, fillValue, order });
}

function scaleShifts(transform: Transform, ratio: number): Transform {
  return ratio === 1 ? transform : { ...transform, tx: transform.tx * ratio, ty: transform.ty * ratio };
}
