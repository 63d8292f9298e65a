/** Pushing and pulling by the OCI distribution protocol: a registry of our own with tokens, and Debian's docker-registry. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { noProgress } from "../../src/base/progress.ts";
import { type AssembledImage, assembleImage } from "../../src/deploy/image/assemble.ts";
import { BlobStore } from "../../src/deploy/image/blobs.ts";
import { containerConfig } from "../../src/deploy/image/container.ts";
import { textFile } from "../../src/deploy/image/layer-entry.ts";
import { mediaTypes } from "../../src/deploy/image/oci.ts";
import { createAuthorizer } from "../../src/deploy/image/registry/authorizer.ts";
import { RegistryClient } from "../../src/deploy/image/registry/client.ts";
import { type Credentials, readCredentials } from "../../src/deploy/image/registry/credentials.ts";
import { pullBase } from "../../src/deploy/image/registry/pull-base.ts";
import { pushImage } from "../../src/deploy/image/registry/push.ts";
import { parseReference } from "../../src/deploy/image/registry/reference.ts";
import { type FakeRegistry, startFakeRegistry } from "../kit/fake-registry.ts";
import { refusedUrl } from "../kit/loopback.ts";

const user = { username: "cook", password: "s3cret:with colon" };
const known: Credentials = { kind: "password", ...user };
let dir: string;
let store: BlobStore;
let image: AssembledImage;
let fake: FakeRegistry;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "registry-"));
  store = new BlobStore(join(dir, "cache"));
  const below = await store.addLayer("system", [textFile("etc/name", "system")], "gzip");
  const model = await store.addLayer("model", [textFile("model/model.onnx", "x".repeat(100_000))], "none");
  image = await assembleImage(store, "amd64", containerConfig("0".repeat(64)), [below, model]);
  fake = await startFakeRegistry({ ...user, refreshToken: "refresh-me" });
});

after(async () => {
  await fake?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

const to = (name: string, credentials: Credentials | undefined = known) => ({
  reference: parseReference(`${fake.host}/${name}`),
  credentials: async () => credentials,
  retryMs: 1,
});

test("an image is pushed with a token; what the registry has is not sent again", async () => {
  const first = await pushImage(image, to("food:1"), noProgress);
  assert.equal(first.keptBytes, 0);
  assert.deepEqual(Buffer.from(image.manifest.bytes), fake.manifests.get("1")!.bytes);
  assert.equal(fake.manifests.get("1")!.type, mediaTypes.manifest);
  const second = await pushImage(image, to("food:2"), noProgress);
  assert.deepEqual(second, { sentBytes: 0, keptBytes: first.sentBytes });
});

test("a refresh token is exchanged, an ended token replaced, a busy registry asked again", async () => {
  fake.tokenUses = 2;
  fake.failures = 2;
  await pushImage(image, to("food:3", { kind: "token", identityToken: "refresh-me" }), noProgress);
  fake.tokenUses = 1000;
  assert.ok(fake.manifests.has("3"));
});

test("wrong credentials, none, and a registry that is not there", async () => {
  const wrong: Credentials = { ...known, password: "guess" };
  await assert.rejects(pushImage(image, to("food:4", wrong), noProgress), {
    code: "IMAGE_REGISTRY_REFUSED",
    message: /for a token from .* answered 403: no such user/,
  });
  await assert.rejects(pushImage(image, { ...to("food:4"), credentials: async () => undefined }, noProgress), {
    code: "IMAGE_REGISTRY_REFUSED",
  });
  const nobody = { ...to("food:4"), reference: parseReference("127.0.0.1:1/food:4") };
  await assert.rejects(pushImage(image, nobody, noProgress), { code: "IMAGE_REGISTRY_UNREACHABLE" });
  assert.equal(fake.manifests.has("4"), false);
});

test("a base is pulled by its digest, through an index, and its bytes are checked", async () => {
  await pushImage(image, to("food:base"), noProgress);
  const platform = (architecture: string) => ({ os: "linux", architecture });
  const { mediaType, digest, size } = image.manifest;
  const index = (architecture: string) =>
    Buffer.from(
      JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size, platform: platform(architecture) }] }),
    );
  const amd64 = fake.put("index", mediaTypes.index, index("amd64"));
  const elsewhere = new BlobStore(join(dir, "elsewhere"));
  const base = await pullBase(to(`food@${amd64}`), "amd64", elsewhere);
  assert.deepEqual(
    base.layers.map(({ digest: each, diffId, title }) => ({ digest: each, diffId, title })),
    image.layers.map(({ digest: each, diffId }) => ({ digest: each, diffId, title: "base" })),
  );
  assert.ok(base.env.includes("NODE_ENV=production"));
  for (const layer of base.layers) assert.ok(await elsewhere.has(layer.digest));

  const arm = fake.put("arm", mediaTypes.index, index("arm64"));
  await assert.rejects(pullBase(to(`food@${arm}`), "amd64", elsewhere), { code: "IMAGE_BASE_UNFIT" });
  await assert.rejects(pullBase(to("food:base"), "amd64", elsewhere), { code: "IMAGE_NAME_INVALID" });
  const forged = `sha256:${"0".repeat(64)}`;
  fake.put(forged, mediaTypes.manifest, Buffer.from(image.manifest.bytes));
  await assert.rejects(pullBase(to(`food@${forged}`), "amd64", elsewhere), { code: "IMAGE_DIGEST_WRONG" });
});

test("credentials as docker login keeps them: encoded, as a token, from a helper, or none", async () => {
  const config = join(dir, "docker");
  const bin = join(dir, "bin");
  await mkdir(config);
  await mkdir(bin);
  const encoded = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
  await writeFile(
    join(config, "config.json"),
    JSON.stringify({
      auths: {
        "registry.test": encoded("cook:s3cret:with colon"),
        "https://index.docker.io/v1/": encoded("hub:user"),
        "token.test": { identitytoken: "long" },
      },
      credHelpers: { "helped.test": "fulcrumtest" },
    }),
  );
  const helper = join(bin, "docker-credential-fulcrumtest");
  await writeFile(helper, '#!/bin/sh\nread -r server\nprintf \'{"Username":"<token>","Secret":"of %s"}\' "$server"\n');
  await chmod(helper, 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${bin}:${path}`;
  try {
    assert.deepEqual(await readCredentials("registry.test", config), known);
    assert.deepEqual(await readCredentials("docker.io", config), {
      kind: "password",
      username: "hub",
      password: "user",
    });
    assert.deepEqual(await readCredentials("token.test", config), { kind: "token", identityToken: "long" });
    assert.deepEqual(await readCredentials("helped.test", config), { kind: "token", identityToken: "of helped.test" });
    assert.equal(await readCredentials("other.test", config), undefined);
    assert.equal(await readCredentials("other.test", join(dir, "nothing")), undefined);
  } finally {
    process.env.PATH = path;
  }
});

/** A registry of one answer: for each path the status and headers. */
async function startAnswering(answer: (path: string) => { status: number; headers: Record<string, string> }) {
  const asked: { path: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url!, authorization: request.headers.authorization });
    const { status, headers } = answer(request.url!);
    response.writeHead(status, headers).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, asked, close: () => new Promise((resolve) => server.close(resolve)) };
}

const bearer = (realm: string) => ({ status: 401, headers: { "www-authenticate": `Bearer realm="${realm}"` } });
const digest = `sha256:${"0".repeat(64)}`;
const clientOf = (host: string) =>
  new RegistryClient({
    reference: parseReference(`${host}/food:1`),
    credentials: async () => known,
    retryMs: 1,
  });

test("a host that the registry redirects to does not get the password, whatever it asks", async (t) => {
  const other = await startAnswering((): ReturnType<typeof bearer> => bearer(`http://${other.host}/token`));
  t.after(other.close);
  const registry = await startAnswering(() => ({ status: 307, headers: { location: `http://${other.host}/stolen` } }));
  t.after(registry.close);
  await assert.rejects(clientOf(registry.host).getBlob({ digest }), { code: "IMAGE_REGISTRY_REFUSED", message: /401/ });
  assert.deepEqual(other.asked, [{ path: "/stolen", authorization: undefined }]);
});

test("a token server may have a query; one that is not there, not named or no address is the registry's fault", async (t) => {
  let realm = "";
  const registry = await startAnswering((path) =>
    path.startsWith("/token") ? { status: 403, headers: {} } : bearer(realm),
  );
  t.after(registry.close);
  const fails = (code: string, message: RegExp) =>
    assert.rejects(clientOf(registry.host).getBlob({ digest }), { code, message });
  realm = `http://${registry.host}/token?account=a`;
  await fails("IMAGE_REGISTRY_REFUSED", /token\?account=a and answered 403/);
  assert.equal(registry.asked.at(-1)!.path, "/token?account=a");
  realm = `${await refusedUrl()}/token`;
  await fails("IMAGE_REGISTRY_UNREACHABLE", /ECONNREFUSED/);
  realm = "";
  await fails("IMAGE_REGISTRY_UNREACHABLE", /names no token server/);
  realm = "ftp://elsewhere/token";
  await fails("IMAGE_REGISTRY_UNREACHABLE", /names no token server/);
});

test("a registry with TLS cannot have the password sent without", async () => {
  const authorizer = createAuthorizer({ name: "registry.test", isSecure: true }, async () => known);
  const challenge = `Bearer realm="${await refusedUrl()}/token"`;
  await assert.rejects(authorizer.answer(challenge), { code: "IMAGE_REALM_INSECURE" });
});

test("a manifest cannot name a file outside the store in place of a digest", async () => {
  const secret = join(dir, "secret");
  await writeFile(secret, "key");
  const layer = { mediaType: mediaTypes.layer, digest: "sha256:../../../secret", size: 3 };
  const { digest: config, size } = image.config;
  fake.put("", "", Buffer.from(image.config.bytes));
  const manifest = { schemaVersion: 2, config: { digest: config, size }, layers: [layer] };
  const named = fake.put("evil", mediaTypes.manifest, Buffer.from(JSON.stringify(manifest)));
  const elsewhere = new BlobStore(join(dir, "elsewhere"));
  await assert.rejects(pullBase(to(`food@${named}`), "amd64", elsewhere), { code: "IMAGE_DIGEST_INVALID" });
  await assert.rejects(elsewhere.has("sha256:../../../secret"), { code: "IMAGE_DIGEST_INVALID" });
});

const registryProgram = "/usr/bin/docker-registry";
const skip = existsSync(registryProgram)
  ? false
  : `${registryProgram} is missing (Debian: apt install docker-registry)`;

test("Debian's docker-registry takes the image with basic credentials and gives it back", { skip }, async () => {
  const { port } = new URL(await refusedUrl());
  // bcrypt of "soup"
  const hash = "$2b$05$abcdefghijklmnopqrstuuUUn5Gs1A/QpJcJtNwRSN65WiHp5Upsu";
  await writeFile(join(dir, "htpasswd"), `cook:${hash}\n`);
  const settings = {
    version: "0.1",
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(dir, "registry") } },
    auth: { htpasswd: { realm: "kitchen", path: join(dir, "htpasswd") } },
    http: { addr: `127.0.0.1:${port}` },
  };
  await writeFile(join(dir, "config.yml"), JSON.stringify(settings));
  const child = spawn(registryProgram, ["serve", join(dir, "config.yml")], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    await untilListening(child, port);
    const target = (password: string) => ({
      reference: parseReference(`127.0.0.1:${port}/kitchen/food:1`),
      credentials: async () => ({ kind: "password", username: "cook", password }) as const,
    });
    await assert.rejects(pushImage(image, target("wrong"), noProgress), { code: "IMAGE_REGISTRY_UNAUTHORIZED" });
    await pushImage(image, target("soup"), noProgress);
    const client = new RegistryClient(target("soup"));
    const back = await client.getManifest(image.manifest.digest);
    assert.deepEqual(Buffer.from(back.bytes), Buffer.from(image.manifest.bytes));
    const elsewhere = new BlobStore(join(dir, "from-debian"));
    const byDigest = {
      ...target("soup"),
      reference: parseReference(`127.0.0.1:${port}/kitchen/food@${image.manifest.digest}`),
    };
    assert.equal((await pullBase(byDigest, "amd64", elsewhere)).layers.length, 2);
    assert.equal((await pushImage(image, target("soup"), noProgress)).sentBytes, 0);
  } finally {
    child.kill("SIGKILL");
  }
});

async function untilListening(child: ChildProcess, port: string): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (let i = 0; i < 100; i++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended: ${said}`);
    const answered = await fetch(`http://127.0.0.1:${port}/v2/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error(`docker-registry does not answer: ${said}`);
}
