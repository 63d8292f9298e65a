/** From a candidate's choices and its bases to what happens to a photo: one model input for each distinct way. Pure. */
import type { Candidate } from "../config/candidate.ts";
import type { Preprocessing } from "../records/preprocessing.ts";
import type { BaseModel } from "./bases.ts";

/** Pixels that the short side has more than the crop, as the EfficientNet-Lite models were evaluated. */
const cropMargin = 32;
/**
 * Large photos are decoded at a reduced size that keeps twice the pixels that are needed (bench/serve/twelve-megapixels.ts
 * measures what that does to predictions).
 */
const shrinkMargin = 2;

/** (value - mean) / std on 0..255 for each scale: 0..1, 0..255, -1..1. */
export const pixelScales = {
  unit: { mean: 0, std: 255 },
  byte: { mean: 0, std: 1 },
  symmetric: { mean: 127.5, std: 127.5 },
} as const;

export type PixelScale = keyof typeof pixelScales;

export interface ModelInputs {
  /** The distinct ways, in order of first use. */
  readonly inputs: readonly Preprocessing[];
  /** For each base, the index of its input. */
  readonly inputOfBase: readonly number[];
}

type BasePixels = Pick<BaseModel, "inputSize" | "mean" | "std" | "resize">;

/** The model inputs of a candidate: bases that want the same pixels share one. */
export function planInputs(choices: Candidate["preprocessing"], bases: readonly BasePixels[]): ModelInputs {
  const wanted = bases.map((base) => preprocessingOf(choices, base));
  const keys = wanted.map((one) => JSON.stringify(one));
  const distinct = [...new Set(keys)];
  const inputs = distinct.map((key) => wanted[keys.indexOf(key)]!);
  return {
    inputs: inputs.map((one, index) => ({ ...one, input: inputName(inputs, index) })),
    inputOfBase: keys.map((key) => distinct.indexOf(key)),
  };
}

function preprocessingOf(choices: Candidate["preprocessing"], base: BasePixels): Preprocessing {
  const size = choices.size ?? base.inputSize;
  const resize = choices.resize === "base" ? base.resize : choices.resize;
  return {
    input: "image",
    size,
    resize,
    shortSide: resize === "crop" ? size + cropMargin : size,
    shrinkMargin,
    interpolation: "bicubic",
    ...(choices.scale === "base" ? { mean: base.mean, std: base.std } : pixelScales[choices.scale]),
  };
}

/** `image` for the only input, else `image_SIZE`, with a number where sizes repeat. */
function inputName(inputs: readonly Preprocessing[], index: number): string {
  if (inputs.length === 1) return "image";
  const { size } = inputs[index]!;
  const earlier = inputs.slice(0, index).filter((other) => other.size === size).length;
  return earlier === 0 ? `image_${size}` : `image_${size}_${earlier + 1}`;
}
