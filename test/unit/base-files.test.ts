/** Files are whole or not there, also where the disk has no room for them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeFileAtomic } from "../../src/base/files.ts";
import { projectDir } from "../../src/config/paths.ts";

test("a file is replaced as a whole, its folder made", async (context) => {
  const dir = await temporaryFolder(context);
  const path = join(dir, "a", "b.txt");
  await writeFileAtomic(path, "first");
  await writeFileAtomic(path, new TextEncoder().encode("second"));
  assert.equal(await readFile(path, "utf8"), "second");
  assert.deepEqual(await readdir(join(dir, "a")), ["b.txt"]);
});

test("a write that the system cuts short is an error and leaves the old file alone", async (context) => {
  const dir = await temporaryFolder(context);
  const path = join(dir, "model.onnx");
  await writeFileAtomic(path, "old");
  // The shell's limit on file sizes (8 blocks of 512 or 1024 bytes) answers as a full disk: a short write, then an error.
  const script = `
    import { writeFileAtomic } from ${JSON.stringify(join(projectDir, "src/base/files.ts"))};
    await writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(1_000_000)).catch((error) => console.log(error.code));`;
  const shell = `trap '' XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"`;
  const { stdout } = spawnSync("sh", ["-c", shell, process.execPath, script], {
    encoding: "utf8",
    env: { ...process.env, NODE_COMPILE_CACHE: "" },
  });
  assert.equal(stdout.trim(), "FILE_UNWRITABLE");
  assert.equal(await readFile(path, "utf8"), "old");
  assert.deepEqual(await readdir(dir), ["model.onnx"]);
});

async function temporaryFolder(context: { after(done: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-files-"));
  context.after(() => rm(dir, { recursive: true }));
  return dir;
}
