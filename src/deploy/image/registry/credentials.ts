/** Credentials for a registry, as `docker login` and its helpers keep them. */
import { join } from "node:path";
import { readText } from "../../../base/files.ts";
import { dockerConfigDir } from "../../../config/paths.ts";
import { FulcrumError, isFulcrumError } from "../../../errors/index.ts";
import { runProgram } from "../run-program.ts";

export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** A refresh token, which is exchanged for an access token. */
  | { readonly kind: "token"; readonly identityToken: string };

interface DockerConfig {
  readonly auths?: Readonly<
    Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>
  >;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** Docker Hub's credentials are kept under its first address. */
const keysOf = (host: string) =>
  host === "docker.io"
    ? ["https://index.docker.io/v1/", "docker.io", "index.docker.io"]
    : [host, `https://${host}`, `https://${host}/v1/`, `https://${host}/v2/`];

/**
 * Undefined where none are kept.
 * @throws IMAGE_CREDENTIALS_UNREADABLE where the file or a helper does not give what it should
 */
export async function readCredentials(host: string, configDir = dockerConfigDir): Promise<Credentials | undefined> {
  const path = join(configDir, "config.json");
  let config: DockerConfig;
  try {
    config = JSON.parse(await readText(path)) as DockerConfig;
  } catch (cause) {
    if (isFulcrumError(cause, "FILE_UNREADABLE")) return undefined;
    throw new FulcrumError("IMAGE_CREDENTIALS_UNREADABLE", { source: path, problem: "it is no JSON" }, { cause });
  }
  for (const key of keysOf(host)) {
    const helper = config.credHelpers?.[key];
    if (helper !== undefined) return askHelper(helper, key);
  }
  for (const key of keysOf(host)) {
    const kept = config.auths?.[key];
    const found = kept && parseEntry(kept);
    if (found) return found;
  }
  return config.credsStore === undefined ? undefined : askHelper(config.credsStore, keysOf(host)[0]!);
}

function parseEntry(entry: NonNullable<DockerConfig["auths"]>[string]): Credentials | undefined {
  if (entry.identitytoken) return { kind: "token", identityToken: entry.identitytoken };
  if (entry.username !== undefined && entry.password !== undefined) {
    return { kind: "password", username: entry.username, password: entry.password };
  }
  const text = Buffer.from(entry.auth ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 1 ? undefined : { kind: "password", username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Protocol of docker-credential-helpers: the server's name on standard input, JSON on standard output. */
async function askHelper(helper: string, server: string): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  const { stdout: text, problem } = await runProgram(program, ["get"], { stdin: server });
  if (/credentials not found/i.test(text)) return undefined;
  if (problem !== undefined) {
    throw new FulcrumError("IMAGE_CREDENTIALS_UNREADABLE", { source: program, problem: text || problem });
  }
  const { Username = "", Secret = "" } = JSON.parse(text) as { Username?: string; Secret?: string };
  return Username === "<token>"
    ? { kind: "token", identityToken: Secret }
    : { kind: "password", username: Username, password: Secret };
}
