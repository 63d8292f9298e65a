/** Downloads from a server on loopback: resumed, broken off, changed, wrong, missing. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sha256 } from "../../src/base/hash.ts";
import { noProgress } from "../../src/base/progress.ts";
import { projectDir } from "../../src/config/paths.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { type DownloadOptions, download } from "../../src/models/download.ts";
import { loadWeights, resolveBase } from "../../src/models/index.ts";

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251));

interface Site {
  readonly url: string;
  readonly path: string;
  /** Ranges that were asked for; "" for the whole file. */
  readonly asked: string[];
}

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function site(t: TestContext, answer: Answer): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.range ?? "");
    answer(request, response, asked.length);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-download-"));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true, force: true });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/weights.h5`, path: join(dir, "weights.h5"), asked };
}

/** Sends the file as static servers do; breaks the connection after `limit` bytes of it. */
function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { etag = '"1"', limit = Number.POSITIVE_INFINITY } = {},
) {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const start = range && request.headers["if-range"] === etag ? Number(range[1]) : 0;
  if (start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const rest = content.subarray(start);
  const headers = { etag, "content-length": rest.length };
  if (start > 0)
    response.writeHead(206, { ...headers, "content-range": `bytes ${start}-${content.length - 1}/${content.length}` });
  else response.writeHead(200, headers);
  if (rest.length <= limit) response.end(rest);
  else response.write(rest.subarray(0, limit), () => setTimeout(() => response.destroy(), 200));
}

const whole: Answer = (request, response) => serve(request, response);

function options({ url, path }: Site, extra: Partial<DownloadOptions> = {}): DownloadOptions {
  const signal = new AbortController().signal;
  return { url, path, sha256: sha256(content), md5: null, progress: noProgress, signal, ...extra };
}

test("a file comes whole", async (t) => {
  const here = await site(t, whole);
  await download(options(here));
  assert.deepEqual(readFileSync(here.path), content);
  assert.ok(!existsSync(`${here.path}.part`) && !existsSync(`${here.path}.part.etag`));
});

test("a transfer that breaks goes on where it broke", async (t) => {
  const here = await site(t, (request, response, count) =>
    serve(request, response, count < 3 ? { limit: 30_000 } : {}),
  );
  await download(options(here));
  assert.deepEqual(readFileSync(here.path), content);
  // How much of what was sent is kept when a connection breaks depends on the system; that something is, does not.
  const begins = here.asked.map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0));
  assert.equal(begins.length, 3);
  assert.ok(begins[0] === 0 && begins[1]! > 0 && begins[2]! > begins[1]!, begins.join());
});

test("what a killed download left is gone on with", async (t) => {
  const here = await site(t, whole);
  await writeFile(`${here.path}.part`, content.subarray(0, 70_000));
  await writeFile(`${here.path}.part.etag`, '"1"');
  await download(options(here));
  assert.deepEqual(readFileSync(here.path), content);
  assert.deepEqual(here.asked, ["bytes=70000-"]);
});

test("a download that was killed when all was there is only checked", async (t) => {
  const here = await site(t, whole);
  await writeFile(`${here.path}.part`, content);
  await writeFile(`${here.path}.part.etag`, '"1"');
  await download(options(here));
  assert.deepEqual(readFileSync(here.path), content);
  assert.deepEqual(here.asked, ["bytes=100000-"]);
});

test("a beginning of another version is not mixed with this one", async (t) => {
  const here = await site(t, (request, response) => serve(request, response, { etag: '"2"' }));
  await writeFile(`${here.path}.part`, Buffer.alloc(70_000, 9));
  await writeFile(`${here.path}.part.etag`, '"1"');
  await download(options(here));
  assert.deepEqual(readFileSync(here.path), content);
});

test("a beginning whose version is not known is fetched again", async (t) => {
  const here = await site(t, whole);
  await writeFile(`${here.path}.part`, Buffer.alloc(70_000, 9));
  await download(options(here));
  assert.deepEqual(here.asked, [""]);
  assert.deepEqual(readFileSync(here.path), content);
});

for (const [algorithm, wrong] of [
  ["sha256", { sha256: "0".repeat(64) }],
  ["md5", { sha256: null, md5: "0".repeat(32) }],
] as const) {
  test(`a wrong ${algorithm} leaves nothing behind`, async (t) => {
    const here = await site(t, whole);
    await assert.rejects(download(options(here, wrong)), (error) => isFulcrumError(error, "DOWNLOAD_WRONG_FILE"));
    for (const path of [here.path, `${here.path}.part`, `${here.path}.part.etag`]) assert.ok(!existsSync(path), path);
  });
}

test("404 is told at once", async (t) => {
  const here = await site(t, (_, response) => response.writeHead(404).end());
  await assert.rejects(
    download(options(here)),
    (error) => isFulcrumError(error, "DOWNLOAD_FAILED") && /404/.test(error.message),
  );
  assert.equal(here.asked.length, 1);
});

test("a server that fails, or never sends a byte, is given up after three attempts", async (t) => {
  const failing = await site(t, (_, response) => response.writeHead(503).end());
  await assert.rejects(download(options(failing)), (error) => isFulcrumError(error, "DOWNLOAD_FAILED"));
  assert.equal(failing.asked.length, 3);
  const silent = await site(t, (_, response) => response.writeHead(200, { "content-length": 10 }).flushHeaders());
  await assert.rejects(download(options(silent, { idleTimeoutMs: 50 })), (error) =>
    isFulcrumError(error, "DOWNLOAD_FAILED"),
  );
});

test("a stopped download keeps what it has", async (t) => {
  const stop = new AbortController();
  const here = await site(t, (_, response) => {
    response.writeHead(200, { etag: '"1"', "content-length": content.length });
    response.write(content.subarray(0, 50_000), () => setTimeout(() => stop.abort(new Error("stop")), 50));
  });
  await assert.rejects(download(options(here, { signal: stop.signal })), /stop/);
  assert.ok(readFileSync(`${here.path}.part`).length > 0);
});

test("a base's weights come from an address into the cache, once", async (t) => {
  const file = readFileSync(join(projectDir, "assets/backbones/efficientnet_lite0.fp16.safetensors"));
  const here = await site(t, (_, response) => response.writeHead(200, { "content-length": file.length }).end(file));
  const cacheDir = join(here.path, "..");
  const sources = { "efficientnet-lite0": { url: here.url, sha256: sha256(file) } };
  for (let i = 0; i < 2; i++) {
    const base = await resolveBase("efficientnet-lite0", { sources, projectDir: ".", cacheDir });
    assert.equal(base.weights.origin, here.url);
    assert.ok((await loadWeights(base)).has("stem_conv/kernel"));
  }
  assert.equal(here.asked.length, 1);
});
