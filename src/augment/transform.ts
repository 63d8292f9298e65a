/** What is drawn for one picture, and how it is drawn: Keras' ImageDataGenerator.get_random_transform, draw by draw. Pure. */
import type { Augmentation } from "../config/candidate.ts";
import type { NumpyRandom } from "./numpy-random.ts";

/** One picture's random changes, in the units and with the signs of Keras' apply_transform. */
export interface Transform {
  /** Rotation, degrees; positive turns counter-clockwise. */
  readonly theta: number;
  /** Shift along columns, pixels: positive moves the picture to the left. */
  readonly tx: number;
  /** Shift along rows, pixels: positive moves the picture up. */
  readonly ty: number;
  /** Degrees. */
  readonly shear: number;
  /** Zoom of columns and rows: above 1 reads a larger area. */
  readonly zx: number;
  readonly zy: number;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** Levels added to every channel; null: the step is left out. */
  readonly channelShift: number | null;
  /** Factor; null: the step is left out. */
  readonly brightness: number | null;
}

export const neutralTransform: Transform = {
  theta: 0,
  tx: 0,
  ty: 0,
  shear: 0,
  zx: 1,
  zy: 1,
  flipHorizontal: false,
  flipVertical: false,
  channelShift: null,
  brightness: null,
};

type Shift = Augmentation["widthShift"];

/**
 * Draws as Keras 2.14 and 3.15 do, in their order; an option that is off draws nothing, but the two flips always do.
 * Keras' `tx` comes from the height's range and moves along columns, by a share of the height; `ty` the other way.
 */
export function drawTransform(
  options: Augmentation,
  { height, width }: { height: number; width: number },
  random: NumpyRandom,
): Transform {
  const { rotationDegrees, heightShift, widthShift, shearDegrees, zoom, channelShift, brightness } = options;
  const theta = drawSymmetric(rotationDegrees, random) ?? 0;
  const tx = drawShift(heightShift, height, random);
  const ty = drawShift(widthShift, width, random);
  const shear = drawSymmetric(shearDegrees, random) ?? 0;
  const [low, high] = Array.isArray(zoom) ? zoom : [1 - zoom, 1 + zoom];
  const isZoomed = low !== 1 || high !== 1;
  const zx = isZoomed ? random.uniform(low, high) : 1;
  const zy = isZoomed ? random.uniform(low, high) : 1;
  const flipHorizontal = random.random() < 0.5 && options.horizontalFlip;
  const flipVertical = random.random() < 0.5 && options.verticalFlip;
  return {
    theta,
    tx,
    ty,
    shear,
    zx,
    zy,
    flipHorizontal,
    flipVertical,
    channelShift: drawSymmetric(channelShift, random),
    brightness: brightness === null ? null : random.uniform(...brightness),
  };
}

/** Uniform in ±range; null, and nothing drawn, where the range is 0. */
function drawSymmetric(range: number, random: NumpyRandom): number | null {
  return range === 0 ? null : random.uniform(-range, range);
}

/**
 * A share below 1 is uniform in ±; a whole number n from 1 on is 0..n-1 pixels of either sign; a list is one of its
 * values, of either sign. Where the largest value is below 1, values are shares of the side.
 */
function drawShift(shift: Shift, side: number, random: NumpyRandom): number {
  if (shift === 0) return 0;
  const values = Array.isArray(shift) ? shift : Number.isInteger(shift) ? upTo(shift) : null;
  const drawn =
    values === null
      ? random.uniform(-(shift as number), shift as number)
      : random.choice(values) * random.choice([-1, 1]);
  const largest = Array.isArray(shift) ? Math.max(...shift) : shift;
  return largest < 1 ? drawn * side : drawn;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
