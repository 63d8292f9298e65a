/** Errors of base models, model files and training. */
import type { ErrorTable } from "./table.ts";

export const modelErrors = {
  MODEL_FILE_INVALID: { message: "{path} is not a fulcrum model file: {problem}.", exit: "input" },
  IMPORT_REFUSED: { message: "{path} cannot be imported: {problem}.", exit: "input" },
  MODEL_BASE_UNAVAILABLE: {
    message:
      "There are no weights for base {base} in this version. Next: choose one of {allowed} under `bases` of the candidate.",
    exit: "usage",
  },
  MODEL_WEIGHTS_INVALID: {
    message: "{path} does not hold the weights that are expected: {problem}. Next: restore the file.",
    exit: "environment",
  },
  TRAIN_UNSUPPORTED: {
    message:
      "Candidate {candidate} asks for {key} = {value}, which this version cannot do. Next: set {key} to {allowed}.",
    exit: "usage",
  },
  TRAIN_TOO_FEW_PHOTOS: {
    message: "The {split} split is too small to train with: {problem}. Next: add photos.",
    exit: "input",
  },
  TRAIN_PHOTO_CHANGED: {
    message: "{path} has changed since the data set was read. Next: run the data stage again.",
    exit: "input",
  },
  TRAIN_DIVERGED: {
    message:
      "The loss of candidate {candidate} became {loss} in epoch {epoch}. Next: lower head.optimizer.learningRate (now {rate}).",
    exit: "failure",
  },
} as const satisfies ErrorTable;
