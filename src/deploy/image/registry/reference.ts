/** Names of images, as container tools read them. Pure. */
import { FulcrumError } from "../../../errors/index.ts";

export interface ImageReference {
  /** Host with port, as the user writes it and as credentials are kept under: "registry.example:5000", "docker.io". */
  readonly host: string;
  readonly repository: string;
  /** Tag; "latest" where neither tag nor digest is given, null with a digest alone. */
  readonly tag: string | null;
  readonly digest: string | null;
}

const repositoryPart = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const pattern = new RegExp(
  `^(?:([^/]+)/)??(${repositoryPart}(?:/${repositoryPart})*)(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);
const dockerHub = "docker.io";

/**
 * "registry.example/food:1", "localhost:5000/food@sha256:...", "food" (on Docker Hub).
 * Source: OCI distribution specification 1.1 (names and tags); the first part is a host if it has a dot or a port or is
 * localhost.
 * @throws IMAGE_NAME_INVALID
 */
export function parseReference(text: string): ImageReference {
  const first = text.includes("/") ? text.slice(0, text.indexOf("/")) : "";
  const hasHost = first === "localhost" || /[.:]/.test(first);
  const match = pattern.exec(hasHost ? text.slice(first.length + 1) : text);
  if (!match || match[1] !== undefined) throw new FulcrumError("IMAGE_NAME_INVALID", { name: text });
  const [, , name, tag, digest] = match;
  const host = hasHost ? first : dockerHub;
  return {
    host,
    repository: host === dockerHub && !name!.includes("/") ? `library/${name}` : name!,
    tag: tag ?? (digest === undefined ? "latest" : null),
    digest: digest ?? null,
  };
}

/** Where the registry's API is. */
export function originOf(host: string, plainHttp: boolean): string {
  if (host === dockerHub) return "https://registry-1.docker.io";
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
  return `${plainHttp || isLoopback ? "http" : "https"}://${host}`;
}
