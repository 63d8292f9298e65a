/** Small photo folders for tests, made on the spot. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { encodeJpeg } from "../../src/images/index.ts";

/** A new folder that is gone after the test. */
export async function temporaryFolder(test: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-test-"));
  test.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes files by path relative to `dir`, making folders. */
export async function writeFiles(dir: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

/** A JPEG of one grey ramp; another `shade` is another file. */
export async function jpegOf(shade: number, width = 24, height = 16): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (shade + i) & 255);
  return encodeJpeg({ width, height, data }, 90);
}
