/** Listing a folder: what is a photo, what is passed over, links. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { listFolder } from "../../src/data/walk.ts";

async function folder(t: TestContext, files: readonly string[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-test-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const path of files) {
    await mkdir(join(dir, path, ".."), { recursive: true });
    await writeFile(join(dir, path), "");
  }
  return dir;
}

test("photos, other files and folders are listed; hidden and system files are not", async (t) => {
  const dir = await folder(t, [
    "a/2.JPG",
    "a/1.jpeg",
    "a/.DS_Store",
    "a/Thumbs.db",
    "__MACOSX/a/1.jpeg",
    ".hidden/3.jpg",
    "notes.txt",
    "a/old.tiff",
  ]);
  await mkdir(join(dir, "empty"));
  assert.deepEqual(await listFolder(dir), {
    photos: ["a/1.jpeg", "a/2.JPG", "a/old.tiff"],
    others: ["notes.txt"],
    folders: ["a", "empty"],
  });
});

test("a missing folder and a file are refused", async (t) => {
  const dir = await folder(t, ["file"]);
  await assert.rejects(listFolder(join(dir, "nowhere")), { code: "DATA_DIR_MISSING" });
  await assert.rejects(listFolder(join(dir, "file")), { code: "DATA_DIR_MISSING" });
});

test("links are followed; one to nothing is listed as the file it promises", async (t) => {
  const dir = await folder(t, ["set/a/1.jpg", "elsewhere/2.jpg"]);
  await symlink(join(dir, "elsewhere"), join(dir, "set/b"));
  await symlink(join(dir, "nothing.jpg"), join(dir, "set/a/broken.jpg"));
  assert.deepEqual((await listFolder(join(dir, "set"))).photos, ["a/1.jpg", "a/broken.jpg", "b/2.jpg"]);
});

test("a link back to a folder above is refused, two links to one folder are not", async (t) => {
  const dir = await folder(t, ["set/a/1.jpg", "elsewhere/2.jpg"]);
  await symlink(join(dir, "elsewhere"), join(dir, "set/b"));
  await symlink(join(dir, "elsewhere"), join(dir, "set/c"));
  assert.equal((await listFolder(join(dir, "set"))).photos.length, 3);
  await symlink(join(dir, "set"), join(dir, "set/a/again"));
  await assert.rejects(listFolder(join(dir, "set")), { code: "DATA_SYMLINK_LOOP" });
});
