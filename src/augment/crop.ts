/** A random part of a photo: random resized crop, as torchvision 0.20 draws it (RandomResizedCrop.get_params). Pure. */
import type { Rng } from "../base/rng.ts";
import type { Augmentation } from "../config/candidate.ts";
import { type Pixels, resizePixels } from "../images/index.ts";

type CropOptions = NonNullable<Augmentation["randomCrop"]>;

export interface CropBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const attempts = 10;

/** A box of random area and aspect ratio; where ten do not fit, the largest in the centre that has an allowed ratio. */
export function drawCrop(
  { area, aspectRatio }: CropOptions,
  photo: { width: number; height: number },
  rng: Rng,
): CropBox {
  const [least, most] = aspectRatio;
  for (let i = 0; i < attempts; i++) {
    const target = photo.width * photo.height * rng.uniform(...area);
    const ratio = Math.exp(rng.uniform(Math.log(least), Math.log(most)));
    const width = Math.round(Math.sqrt(target * ratio));
    const height = Math.round(Math.sqrt(target / ratio));
    if (width < 1 || height < 1 || width > photo.width || height > photo.height) continue;
    return { left: rng.int(photo.width - width + 1), top: rng.int(photo.height - height + 1), width, height };
  }
  const ratio = photo.width / photo.height;
  const width = ratio > most ? Math.round(photo.height * most) : photo.width;
  const height = ratio < least ? Math.round(photo.width / least) : photo.height;
  return { left: (photo.width - width) >> 1, top: (photo.height - height) >> 1, width, height };
}

/** The box, resized to a square. */
export function cropAndResize(photo: Pixels, { left, top, width, height }: CropBox, size: number): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * photo.width + left) * 3;
    data.set(photo.data.subarray(start, start + width * 3), row * width * 3);
  }
  return resizePixels({ width, height, data }, size, size).data;
}
