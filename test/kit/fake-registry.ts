/** A registry in memory on loopback that wants a token for everything, as hosted ones do. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface FakeRegistry {
  /** "127.0.0.1:PORT" */
  readonly host: string;
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** By tag or digest. */
  readonly manifests: ReadonlyMap<string, { readonly type: string; readonly bytes: Buffer }>;
  /** "PUT /v2/..." of every request that had a token, in order. */
  readonly requests: readonly string[];
  /** So many of the next requests are answered with 503. */
  failures: number;
  /** Tokens are good for so many requests. */
  tokenUses: number;
  put(name: string, type: string, bytes: Buffer): string;
  close(): Promise<void>;
}

export interface FakeRegistryOptions {
  readonly username: string;
  readonly password: string;
  /** What a token server takes in place of a password. */
  readonly refreshToken: string;
}

export async function startFakeRegistry(options: FakeRegistryOptions): Promise<FakeRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { type: string; bytes: Buffer }>();
  const requests: string[] = [];
  const uses = new Map<string, number>();
  const registry = { failures: 0, tokenUses: 1000 };
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, `http://${host}`);
    const body = await buffer(request);
    if (url.pathname === "/token") return giveToken(request, url, body, response);
    if (!mayPass(request)) {
      const challenge = `Bearer realm="http://${host}/token",service="fake registry",scope="repository:food:pull,push"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return;
    }
    requests.push(`${request.method} ${url.pathname}`);
    if (registry.failures > 0) {
      registry.failures--;
      response.writeHead(503).end("busy");
      return;
    }
    serve(request, url, body, response);
  }

  function giveToken(request: IncomingMessage, url: URL, body: Buffer, response: ServerResponse): void {
    const { username, password, refreshToken } = options;
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const form = new URLSearchParams(body.toString());
    const isKnown =
      request.method === "POST" ? form.get("refresh_token") === refreshToken : request.headers.authorization === basic;
    const scope = url.searchParams.get("scope") ?? form.get("scope");
    if (!isKnown || scope !== "repository:food:pull,push") {
      response.writeHead(403).end("no such user");
      return;
    }
    const token = `token-${uses.size + 1}`;
    uses.set(token, 0);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ token }));
  }

  function mayPass({ headers }: IncomingMessage): boolean {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
    const used = token === undefined ? undefined : uses.get(token);
    if (token === undefined || used === undefined || used >= registry.tokenUses) return false;
    uses.set(token, used + 1);
    return true;
  }

  function serve({ method, headers }: IncomingMessage, url: URL, body: Buffer, response: ServerResponse): void {
    const [, kind, name = ""] = /^\/v2\/food\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "blobs/uploads" && method === "POST") {
      response.writeHead(202, { location: "/v2/food/blobs/uploads/1?state=kept" }).end();
    } else if (kind === "blobs/uploads" && method === "PUT" && url.searchParams.get("state") === "kept") {
      const digest = url.searchParams.get("digest");
      if (digest !== digestOf(body)) response.writeHead(400).end("digest does not fit");
      else response.writeHead(201, { location: put(digest, body) }).end();
    } else if (kind === "manifests" && method === "PUT") {
      const missing = (JSON.parse(body.toString()) as { layers: { digest: string }[] }).layers.filter(
        ({ digest }) => !blobs.has(digest),
      );
      if (missing.length > 0) response.writeHead(400).end("blob unknown");
      else response.writeHead(201, { location: registry_put(name, headers["content-type"] ?? "", body) }).end();
    } else {
      const found =
        kind === "manifests"
          ? manifests.get(name)
          : blobs.has(name)
            ? { type: "", bytes: blobs.get(name)! }
            : undefined;
      if (!found) response.writeHead(404).end();
      else response.writeHead(200, { "content-type": found.type }).end(method === "HEAD" ? undefined : found.bytes);
    }
  }

  function put(digest: string, bytes: Buffer): string {
    blobs.set(digest, bytes);
    return digest;
  }

  function registry_put(name: string, type: string, bytes: Buffer): string {
    const digest = digestOf(bytes);
    manifests.set(name, { type, bytes });
    manifests.set(digest, { type, bytes });
    return digest;
  }

  return Object.assign(registry, {
    host,
    blobs,
    manifests,
    requests,
    put: (name: string, type: string, bytes: Buffer) =>
      type === "" ? put(digestOf(bytes), bytes) : registry_put(name, type, bytes),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
