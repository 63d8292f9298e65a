/** An image's documents, its Dockerfile twin, names of images, and what registries ask. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { containerConfig } from "../../src/deploy/image/container.ts";
import { isNeeded } from "../../src/deploy/image/dependencies-layer.ts";
import { digestOf, imageDocuments, type Layer, mediaTypes } from "../../src/deploy/image/oci.ts";
import { parseChallenges } from "../../src/deploy/image/registry/challenge.ts";
import { originOf, parseReference } from "../../src/deploy/image/registry/reference.ts";

test("the manifest names config and layers; the config what the layers are uncompressed", () => {
  const layer: Layer = {
    mediaType: mediaTypes.gzipLayer,
    digest: digestOf(Buffer.from("a")),
    size: 1,
    diffId: digestOf(Buffer.from("b")),
    title: "model",
  };
  const { config, manifest } = imageDocuments("arm64", containerConfig("0".repeat(64)), [layer]);
  const parsed = JSON.parse(Buffer.from(manifest.bytes).toString()) as { config: object; layers: object[] };
  assert.deepEqual(parsed.config, {
    mediaType: mediaTypes.config,
    digest: digestOf(config.bytes),
    size: config.bytes.length,
  });
  assert.deepEqual(parsed.layers, [{ mediaType: mediaTypes.gzipLayer, digest: layer.digest, size: 1 }]);
  const image = JSON.parse(Buffer.from(config.bytes).toString()) as {
    architecture: string;
    rootfs: { diff_ids: string[] };
  };
  assert.equal(image.architecture, "arm64");
  assert.deepEqual(image.rootfs.diff_ids, [layer.diffId]);
});

test("variables of a base stay unless ours say otherwise", () => {
  const { Env } = containerConfig("0".repeat(64), ["SSL_CERT_FILE=/certs", "PATH=/bin"]);
  assert.ok(Env.includes("SSL_CERT_FILE=/certs") && !Env.includes("PATH=/bin"));
});

test("Dockerfile runs the container as the image does", () => {
  const lines = readFileSync(join(projectDir, "Dockerfile"), "utf8").split("\n");
  const after = lines.slice(lines.indexOf("FROM scratch"));
  const wordOf = (word: string) => after.find((line) => line.startsWith(`${word} `))!.slice(word.length + 1);
  const { User, Env, Entrypoint, Cmd, WorkingDir, ExposedPorts, StopSignal } = containerConfig("0".repeat(64));
  assert.deepEqual(
    {
      User: wordOf("USER"),
      Env: wordOf("ENV").split(" "),
      Entrypoint: JSON.parse(wordOf("ENTRYPOINT")) as string[],
      Cmd: JSON.parse(wordOf("CMD")) as string[],
      WorkingDir: wordOf("WORKDIR"),
      ExposedPorts: { [`${wordOf("EXPOSE")}/tcp`]: {} },
      StopSignal: wordOf("STOPSIGNAL"),
    },
    { User, Env, Entrypoint, Cmd, WorkingDir, ExposedPorts, StopSignal },
  );
});

test("of node_modules only what runs on the platform is taken", () => {
  const taken = (path: string) => isNeeded(path, "amd64");
  const binaries = (platform: string) => `onnxruntime-node/bin/napi-v6/${platform}/libonnxruntime.so.1`;
  assert.ok(taken(binaries("linux/x64")) && !taken(binaries("linux/arm64")) && !taken(binaries("win32/x64")));
  assert.ok(isNeeded(binaries("linux/arm64"), "arm64"));
  assert.ok(taken("fastify/lib/route.js") && taken("zod/LICENSE") && taken("zod/docs/LICENSE.md"));
  for (const path of ["zod/index.d.ts", "pino/README.md", "pino/test/a.js", "ajv/dist/a.js.map", ".bin/pino"])
    assert.ok(!taken(path), path);
});

test("names of images", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const cases = [
    ["food", "docker.io", "library/food", "latest", null],
    ["kitchen/food:1.2", "docker.io", "kitchen/food", "1.2", null],
    ["registry.example/a/b/food", "registry.example", "a/b/food", "latest", null],
    ["localhost:5000/food:1", "localhost:5000", "food", "1", null],
    ["localhost/food", "localhost", "food", "latest", null],
    [`registry.example/food@${digest}`, "registry.example", "food", null, digest],
    [`registry.example/food:1@${digest}`, "registry.example", "food", "1", digest],
  ] as const;
  for (const [text, host, repository, tag, hash] of cases)
    assert.deepEqual(parseReference(text), { host, repository, tag, digest: hash }, text);
  for (const text of ["", "Food", "food:", "a//b", "registry.example/", "food@sha256:12", "food:1:2", "https://x/y"])
    assert.throws(() => parseReference(text), { code: "IMAGE_NAME_INVALID" }, text);
});

test("HTTP is for this machine alone, unless it is asked for", () => {
  assert.equal(originOf("localhost:5000", false), "http://localhost:5000");
  assert.equal(originOf("127.0.0.1:5000", false), "http://127.0.0.1:5000");
  assert.equal(originOf("localhost.example:5000", false), "https://localhost.example:5000");
  assert.equal(originOf("registry.example", true), "http://registry.example");
});

test("challenges, as RFC 9110 writes them", () => {
  assert.deepEqual(parseChallenges('Bearer realm="https://a/token",service="r",scope="repository:a:pull,push"'), [
    { scheme: "bearer", parameters: { realm: "https://a/token", service: "r", scope: "repository:a:pull,push" } },
  ]);
  assert.deepEqual(parseChallenges('Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'), [
    { scheme: "newauth", parameters: { realm: "apps", type: "1", title: 'Login to "apps"' } },
    { scheme: "basic", parameters: { realm: "simple" } },
  ]);
  assert.deepEqual(parseChallenges(""), []);
});
