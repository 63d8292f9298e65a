/** Errors of base models, model files and training. */
import type { ErrorTable } from "./table.ts";

export const modelErrors = {
  MODEL_FILE_INVALID: { message: "{path} is not a fulcrum model file: {problem}.", exit: "input" },
  DOWNLOAD_FAILED: {
    message:
      "{url} could not be downloaded: {problem}. Next: check the network and run again, it goes on where it stopped; or name a file under `weights` of the project file.",
    exit: "environment",
  },
  DOWNLOAD_WRONG_FILE: {
    message:
      "{url} is another file than expected: its {algorithm} is {found}, not {expected}. Nothing was kept. Next: check the address and the hash.",
    exit: "environment",
  },
  IMPORT_REFUSED: { message: "{path} cannot be imported: {problem}.", exit: "input" },
  MODEL_BASE_UNAVAILABLE: {
    message:
      "No weights of base {base} are published that could be downloaded. Next: name a file or an address under `weights` of the project file, or choose another base (`fulcrum models`).",
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
