/** An image as one file, and what is left when it cannot be written. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type AssembledImage, assembleImage } from "../../src/deploy/image/assemble.ts";
import { BlobStore } from "../../src/deploy/image/blobs.ts";
import { containerConfig } from "../../src/deploy/image/container.ts";
import { writeImageArchive } from "../../src/deploy/image/image-archive.ts";
import { textFile } from "../../src/deploy/image/layer-entry.ts";

let dir: string;
let image: AssembledImage;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "archive-"));
  const store = new BlobStore(join(dir, "cache"));
  const model = await store.addLayer("model", [textFile("model/model.onnx", "x".repeat(3_000_000))], "none");
  image = await assembleImage(store, "amd64", containerConfig("0".repeat(64)), [model]);
});
after(async () => {
  if (dir) await rm(dir, { recursive: true, force: true });
});

const draftOf = (out: string) => `${out}.${process.pid}.tmp`;

const skip = existsSync("/dev/full") ? false : "/dev/full is missing";

test("a full disk is an error of the catalogue, and no draft stays", { skip }, async () => {
  const out = join(dir, "full", "image.tar");
  await mkdir(join(dir, "full"));
  await symlink("/dev/full", draftOf(out));
  await assert.rejects(writeImageArchive(image, "food:1", out), { code: "FILE_UNWRITABLE", message: /ENOSPC/ });
  assert.deepEqual(await readdir(join(dir, "full")), []);
});

test("a layer that is gone from the store is one too", async () => {
  const out = join(dir, "gone", "image.tar");
  const lost = { ...image, store: new BlobStore(join(dir, "nothing")) };
  await assert.rejects(writeImageArchive(lost, "food:1", out), { code: "FILE_UNWRITABLE", message: /ENOENT/ });
  assert.deepEqual(await readdir(join(dir, "gone")), []);
});

test("an interruption ends it without a file", async () => {
  const out = join(dir, "interrupted", "image.tar");
  const controller = new AbortController();
  const written = writeImageArchive(image, "food:1", out, controller.signal);
  const reason = new Error("Ctrl-C");
  setImmediate(() => controller.abort(reason));
  await assert.rejects(written, reason);
  assert.deepEqual(await readdir(join(dir, "interrupted")), []);
});

test("an archive is whole", async () => {
  const out = join(dir, "whole.tar");
  await writeImageArchive(image, "food:1", out);
  const bytes = await readFile(out);
  assert.ok(bytes.length > 3_000_000);
  assert.ok(bytes.includes('"RepoTags":["food:1"]'));
});
