/**
 * The Authorization header for a registry: none at first, then what its challenge asks for, kept until it is refused.
 * Source: distribution specification (docs/spec/auth: token.md, oauth.md), RFC 7617 for Basic.
 */
import { problemOf } from "../../../base/files.ts";
import { FulcrumError, isFulcrumError } from "../../../errors/index.ts";
import { parseChallenges } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";

/** Names us to a token server. */
const clientId = "fulcrum";

export interface Authorizer {
  /** Header for the next request, if one is known. */
  readonly header: string | undefined;
  /**
   * Answers a 401. False where the challenge cannot be answered (better).
   * @param challenge value of WWW-Authenticate
   */
  answer(challenge: string): Promise<boolean>;
}

interface Registry {
  /** As the user writes it. */
  readonly name: string;
  /** Whether it is spoken to over TLS. */
  readonly isSecure: boolean;
}

export function createAuthorizer(
  registry: Registry,
  credentials: () => Promise<Credentials | undefined>,
  signal?: AbortSignal,
): Authorizer {
  let header: string | undefined;
  return {
    get header() {
      return header;
    },
    async answer(challenge) {
      const known = await credentials();
      for (const { scheme, parameters } of parseChallenges(challenge)) {
        const next =
          scheme === "bearer"
            ? `Bearer ${await fetchToken(registry, parameters, known, signal)}`
            : scheme === "basic" && known?.kind === "password"
              ? basic(known)
              : undefined;
        if (next === undefined || next === header) continue;
        header = next;
        return true;
      }
      return false;
    },
  };
}

function basic({ username, password }: Extract<Credentials, { kind: "password" }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** @throws IMAGE_REGISTRY_REFUSED, IMAGE_REGISTRY_UNREACHABLE, IMAGE_REALM_INSECURE */
async function fetchToken(
  registry: Registry,
  { realm, service, scope }: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const url = tokenServer(registry, realm);
  const wanted = { ...(service ? { service } : {}), ...(scope ? { scope } : {}) };
  const request = `for a token from ${url.href}`;
  try {
    const response = await fetch(...tokenRequest(url, wanted, credentials, signal));
    if (!response.ok) {
      const problem = (await response.text()).slice(0, 500);
      const { status } = response;
      throw new FulcrumError("IMAGE_REGISTRY_REFUSED", { registry: registry.name, request, status, problem });
    }
    const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
    return token ?? access_token ?? "";
  } catch (cause) {
    signal?.throwIfAborted();
    if (isFulcrumError(cause, "IMAGE_REGISTRY_REFUSED")) throw cause;
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw unreachable(registry, `asked ${request}: ${problemOf(reason)}`, cause);
  }
}

/** Where the challenge sends us with the credentials: never from TLS to plain HTTP. */
function tokenServer(registry: Registry, realm: string | undefined): URL {
  const url = realm === undefined ? null : URL.parse(realm);
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw unreachable(registry, `its challenge names no token server (realm: ${realm ?? "none"})`);
  }
  if (registry.isSecure && url.protocol === "http:") {
    throw new FulcrumError("IMAGE_REALM_INSECURE", { registry: registry.name, realm: url.href });
  }
  return url;
}

/** A refresh token goes in the body, which a redirect would carry along; an Authorization header stays behind by itself. */
function tokenRequest(
  url: URL,
  wanted: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
  signal: AbortSignal | undefined,
): [URL, RequestInit] {
  if (credentials?.kind === "token") {
    const grant = { grant_type: "refresh_token", client_id: clientId, refresh_token: credentials.identityToken };
    return [
      url,
      { method: "POST", body: new URLSearchParams({ ...grant, ...wanted }), redirect: "error", signal: signal ?? null },
    ];
  }
  for (const [key, value] of Object.entries(wanted)) url.searchParams.set(key, value);
  return [url, { headers: credentials ? { authorization: basic(credentials) } : {}, signal: signal ?? null }];
}

function unreachable({ name }: Registry, problem: string, cause?: unknown): FulcrumError {
  return new FulcrumError("IMAGE_REGISTRY_UNREACHABLE", { registry: name, problem }, { cause });
}
