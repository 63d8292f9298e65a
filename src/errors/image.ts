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
  IMAGE_NAME_INVALID: {
    message:
      "{name} is no image name here; allowed: [HOST[:PORT]/]NAME[:TAG][@sha256:DIGEST], as registry.example/food:1; a base needs its digest.",
    exit: "usage",
  },
  IMAGE_BASE_UNFIT: {
    message: "Base image {name} is for {found}, wanted is {wanted}. Next: choose another base or --architecture.",
    exit: "input",
  },
  IMAGE_FOLDER_NOT_EMPTY: { message: "{path} is not empty. Next: name a new folder.", exit: "usage" },
  IMAGE_CREDENTIALS_UNREADABLE: {
    message: "{source} gives no credentials: {problem}. Next: `docker login` again, or repair it.",
    exit: "environment",
  },
  IMAGE_REGISTRY_UNREACHABLE: {
    message:
      "Registry {registry} cannot be reached: {problem}. Next: check its name and the network; --plain-http for one without TLS.",
    exit: "environment",
  },
  IMAGE_REGISTRY_UNAUTHORIZED: {
    message: "Registry {registry} wants other credentials. Next: `docker login {registry}`.",
    exit: "environment",
  },
  IMAGE_REGISTRY_REFUSED: {
    message: "Registry {registry} was asked {request} and answered {status}: {problem}.",
    exit: "failure",
  },
  IMAGE_REALM_INSECURE: {
    message:
      "Registry {registry} wants the credentials sent to {realm}, without TLS; nothing was sent. Next: tell its operator, or use another registry.",
    exit: "environment",
  },
  IMAGE_DIGEST_INVALID: {
    message: "{digest} is no digest; allowed: sha256: and 64 hexadecimal digits. Next: use another base image.",
    exit: "input",
  },
  IMAGE_DIGEST_WRONG: {
    message: "Registry {registry} sent other bytes for {digest} than that digest's: {found}.",
    exit: "failure",
  },
} as const satisfies ErrorTable;
