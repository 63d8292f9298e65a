/** Errors of making container images and of registries. */
import type { ErrorTable } from "./table.ts";

export const imageBuildErrors = {
  IMAGE_PACKAGE_UNAVAILABLE: {
    message:
      "Debian package {name} (SHA-256 {sha256}) is nowhere to be had: {problems}. Next: check the network or --debian-mirror, " +
      "or pin current packages with `node tools/debian-lock.ts`.",
    exit: "environment",
  },
  IMAGE_NPM_FAILED: {
    message: "npm could not install the image's packages: {problem}. Next: check that npm reaches its registry.",
    exit: "environment",
  },
  IMAGE_COMPILE_FAILED: {
    message: "The program could not be compiled for the image: {problem}. Next: run `npm run check`.",
    exit: "failure",
  },
} as const satisfies ErrorTable;
