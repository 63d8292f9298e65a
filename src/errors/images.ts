/** Errors of photos and their decoding. */
import type { ErrorTable } from "./table.ts";

export const imageErrors = {
  IMAGE_FORMAT_FOREIGN: {
    message:
      "{name} is no photo that is taken here: {problem}. Allowed: JPEG, PNG, WebP. Next: save it as one of these.",
    exit: "input",
    http: 415,
  },
  IMAGE_UNREADABLE: {
    message:
      "{name} is not a readable photo: {problem}. Allowed: JPEG, PNG, WebP. Next: save it again as one of these.",
    exit: "input",
    http: 400,
  },
  IMAGE_TOO_LARGE: {
    message:
      "{name} has {width} x {height} pixels; allowed: {maxPixels} in all, {maxSide} a side. Next: make it smaller.",
    exit: "input",
    http: 413,
  },
} as const satisfies ErrorTable;
