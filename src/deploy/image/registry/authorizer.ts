/**
 * The Authorization header for a registry: none at first, then what its challenge asks for, kept until it is refused.
 * Source: distribution specification (docs/spec/auth: token.md, oauth.md), RFC 7617 for Basic.
 */
import { FulcrumError } from "../../../errors/index.ts";
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

export function createAuthorizer(
  registry: string,
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

/** @throws IMAGE_REGISTRY_REFUSED */
async function fetchToken(
  registry: string,
  { realm = "", service, scope }: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const query = new URLSearchParams({ ...(service ? { service } : {}), ...(scope ? { scope } : {}) });
  const response =
    credentials?.kind === "token"
      ? await fetch(realm, {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "refresh_token",
            client_id: clientId,
            refresh_token: credentials.identityToken,
            ...Object.fromEntries(query),
          }),
          signal: signal ?? null,
        })
      : await fetch(`${realm}?${query}`, {
          headers: credentials ? { authorization: basic(credentials) } : {},
          signal: signal ?? null,
        });
  if (!response.ok) {
    const request = `a token from ${realm}`;
    throw new FulcrumError("IMAGE_REGISTRY_REFUSED", {
      registry,
      request,
      status: response.status,
      problem: await response.text(),
    });
  }
  const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
  return token ?? access_token ?? "";
}
