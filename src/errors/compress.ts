/** Errors of compression. */
import type { ErrorTable } from "./table.ts";

export const compressErrors = {
  QUANTIZE_REFUSED: {
    message:
      "The int8 form of {path} may lose too much: {difference} points of accuracy on {photos} validation photos (95 % interval, corrected for a choice of {variants} variants: {low} to {high}), allowed down to {bound}. Nothing was written. Next: allow more with maxLoss, give more validation photos (a narrower interval), or serve the float model.",
    exit: "failure",
  },
  QUANTIZE_OTHER_DATA: {
    message:
      "The photos of {data}, split by seed {seed}, are not those that {path} was trained on ({name}: {training} for training, {validation} for validation): photos that it has learned could count as validation. Next: name that folder; if it has no splits, repeat the seed and the shares of its training.",
    exit: "input",
  },
  QUANTIZE_ALREADY: {
    message: "{path} is int8 already. Next: quantise the float model that it was made from.",
    exit: "usage",
  },
  QUANTIZE_NO_LAYERS: {
    message: "{path} has no layer that can be quantised: allowed are Conv, Gemm and MatMul with constant weights.",
    exit: "input",
  },
} as const satisfies ErrorTable;
