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
  TRAIN_CHOICE_INVALID: {
    message: "Candidate {candidate} cannot be trained so: {problem}. Next: {next}.",
    exit: "usage",
  },
  TRAIN_LAYERS_UNKNOWN: {
    message:
      "No layer of the candidate's bases matches {pattern}. The last ones are {known}. Next: correct unfreeze.names.",
    exit: "usage",
  },
  TRAIN_FEATURES_TOO_LARGE: {
    message:
      "The features to keep in {dir} would take {size}; free: {free}, limit (featureDiskGb): {limit}. Next: make room " +
      "or raise the limit, choose fewer augmentation.versions (null needs none), or un-freeze fewer layers.",
    exit: "environment",
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
      "The loss of candidate {candidate} became {loss} in epoch {epoch} of {phase}. The last good state is kept in {checkpoint}. Next: lower {key} (the rate was {rate}).",
    exit: "failure",
  },
} as const satisfies ErrorTable;
