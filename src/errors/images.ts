/** Errors of photos and their decoding. */
import type { ErrorTable } from "./table.ts";

export const imageErrors = {
  IMAGE_UNREADABLE: {
    message: "{name} is not a readable photo: {problem}. Allowed: JPEG, PNG, WebP.",
    exit: "input",
    http: 400,
  },
} as const satisfies ErrorTable;
