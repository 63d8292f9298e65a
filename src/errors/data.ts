/** Errors of data sets. */
import type { ErrorTable } from "./table.ts";

export const dataErrors = {
  DATA_DIR_MISSING: { message: "No folder {dir}. Next: check the path.", exit: "input" },
  DATA_NO_PHOTOS: {
    message:
      "{dir} holds no photos (files ending in {extensions}). Expected: a folder a class, inside training, validation and evaluation or not; or flat files named CLASS_NUMBER.jpg. Next: check the path.",
    exit: "input",
  },
  DATA_LAYOUT_UNKNOWN: {
    message:
      "{dir}: photos such as {example} lie in no class folder and are not named CLASS_NUMBER.jpg, so they have no class. Next: move them into one folder a class.",
    exit: "input",
  },
  DATA_LAYOUT_MIXED: {
    message:
      "{dir} holds class folders ({folder}, ...) and loose photos ({photo}, ...) side by side. Next: keep one of the two, or point at the folder that holds only one.",
    exit: "input",
  },
  DATA_LAYOUT_DIFFERS: {
    message:
      "{dir} has the layout {found}, but {asked} was asked for. Allowed: auto, folders, food11. Next: ask for auto or {found}.",
    exit: "input",
  },
  DATA_FOLDER_TOO_DEEP: {
    message:
      "{path} lies one folder too deep: photos are expected directly in their class folder. Next: point at {suggestion}, or move the photos up.",
    exit: "input",
  },
  DATA_SPLITS_MIXED: {
    message:
      "{dir} holds split folders ({splits}) and others ({others}), so it is unclear what is a class. Names of splits: {names}. Next: move or rename the others.",
    exit: "input",
  },
  DATA_SPLIT_TWICE: {
    message: "{dir} holds two folders for the {split} split: {folders}. Next: merge or rename one of them.",
    exit: "input",
  },
  DATA_SPLIT_MISSING: {
    message:
      "{dir} has no {split} split (it has {found}; names that count: {names}). Next: add that folder, or put all class folders into one folder and let fulcrum split them.",
    exit: "input",
  },
  DATA_CLASS_MISSING: {
    message:
      'Class "{name}" has no readable photo in the {split} split of {dir}. Next: add some, or remove the class everywhere.',
    exit: "input",
  },
  DATA_CLASS_TOO_SMALL: {
    message:
      'Class "{name}" has {count} different readable photos in {dir}; {needed} are the least from which splits can be drawn. Next: add some, or remove the class.',
    exit: "input",
  },
  DATA_ONE_CLASS: {
    message:
      'All {count} photos of {dir} are of one class, "{name}"; a classifier needs two at least. Next: check that the path is the folder above the class folders.',
    exit: "input",
  },
  DATA_SHARES_TOO_LARGE: {
    message:
      "validationShare {validation} and evaluationShare {evaluation} leave too little for training. Allowed: a sum of at most 0.95.",
    exit: "input",
  },
  DATA_UNREADABLE: {
    message:
      "{count} of {total} files in {dir} cannot be decoded: {examples}. Next: `fulcrum data inspect {dir}` lists them; repair or delete them, or consent to leave them out with skipUnreadable: true.",
    exit: "input",
  },
  DATA_SYMLINK_LOOP: {
    message: "The link {path} leads back to a folder that contains it. Next: remove the link.",
    exit: "input",
  },
  DATA_SYNTHETIC_INCOMPLETE: {
    message:
      "{dir} is a synthetic set that was not drawn to its end. Next: run `fulcrum data synth` again with the same folder and options; it goes on where it stopped.",
    exit: "input",
  },
  DATA_SYNTHETIC_OTHER: {
    message:
      "{dir} already holds {found}. Next: choose an empty folder, or repeat the options with which that set was drawn.",
    exit: "input",
  },
} as const satisfies ErrorTable;
