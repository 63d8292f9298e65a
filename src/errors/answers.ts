/** Errors of users' answers (live accuracy). */
import type { ErrorTable } from "./table.ts";

export const answerErrors = {
  ANSWERS_UNUSABLE: {
    message: "{path} cannot be used for answers: {problem}. Allowed: a file that serve --answers makes.",
    exit: "environment",
  },
  ANSWERS_PHOTOS_FULL: {
    message:
      "{path} would hold more than the {limit} bytes allowed. Next: move photos away, or raise --keep-photos-limit.",
    exit: "environment",
  },
  ANSWERS_NEED_FILE: {
    message: "--ask-share {share} needs a place for the answers. Next: give --answers FILE.",
    exit: "usage",
  },
  ANSWERS_NONE: {
    message: "{path} has no answers {wanted}. Next: serve with --ask-share, or leave out the model and --against.",
    exit: "input",
  },
} as const satisfies ErrorTable;
