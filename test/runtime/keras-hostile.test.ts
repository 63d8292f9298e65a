/** Files made to break a reader: cut short, damaged, lying about sizes. Each ends in an error, soon. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { zipSync } from "fflate";
import { Rng } from "../../src/base/rng.ts";
import { projectDir } from "../../src/config/paths.ts";
import { FulcrumError, isFulcrumError } from "../../src/errors/index.ts";
import { readKerasModel } from "../../src/keras/index.ts";
import { unzipKeras } from "../../src/keras/reader/unzip.ts";

const fixture = (name: string) => readFileSync(join(projectDir, "test/fixtures/keras", name));
const dir = await mkdtemp(join(tmpdir(), "fulcrum-hostile-"));
after(() => rm(dir, { recursive: true, force: true }));

async function outcome(name: string, bytes: Uint8Array): Promise<unknown> {
  const path = join(dir, name);
  await writeFile(path, bytes);
  return readKerasModel(path).then(
    () => "read",
    (error: unknown) => error,
  );
}

async function assertRefused(name: string, bytes: Uint8Array, words: RegExp): Promise<void> {
  const error = await outcome(name, bytes);
  assert.ok(isFulcrumError(error, "KERAS_FILE_INVALID"), String(error));
  assert.match((error as Error).message, words);
}

test("a file of another kind", () => assertRefused("text.h5", Buffer.from("no model"), /neither an HDF5/));
test("an empty file", () => assertRefused("empty.keras", new Uint8Array(0), /neither an HDF5/));
test("an HDF5 file that is cut short", () => {
  const bytes = fixture("tiny.k214.h5");
  return assertRefused("short.h5", bytes.subarray(0, bytes.length / 2), /cut short|broken/);
});
test("a zip that is cut short", () => {
  const bytes = fixture("tiny.k3.keras");
  return assertRefused("short.keras", bytes.subarray(0, bytes.length / 2), /zip/);
});
test("a zip without a model", () =>
  assertRefused("other.keras", zipSync({ "a.txt": new Uint8Array(3) }), /no config.json/));
test("weights only, where a model is wanted", () =>
  assertRefused("weights.h5", fixture("base.k3.weights.h5"), /weights only/));

test("a zip bomb is refused before it is unpacked", () => {
  const bytes = zipSync({ "config.json": Buffer.from("{}"), "model.weights.h5": new Uint8Array(2 ** 26) });
  assert.ok(bytes.length < 2 ** 18);
  assert.throws(() => unzipKeras(bytes, { unpackedBytes: 2 ** 24 }), /claims 67108864 bytes/);
});

test("of a zip that claims less than it holds no more than the claim is unpacked", () => {
  const bytes = Buffer.from(zipSync({ "config.json": Buffer.from("x".repeat(5000)) }, { level: 9 }));
  // The uncompressed size in the central directory, 24 bytes behind its signature.
  bytes.writeUInt32LE(10, bytes.indexOf("PK\x01\x02") + 24);
  assert.equal(unzipKeras(bytes, { unpackedBytes: 2 ** 24 }).config.length, 10);
});

test("a reader that takes too long is ended", async () => {
  const path = join(projectDir, "test/fixtures/keras/tiny.k3.keras");
  await assert.rejects(readKerasModel(path, { timeoutMs: 1 }), (error) => isFulcrumError(error, "KERAS_FILE_INVALID"));
});

test("randomly damaged files are read or refused, nothing else", async () => {
  const rng = new Rng("damaged files");
  for (const name of ["tiny.k214.h5", "tiny.k3.h5", "tiny.k3.keras"]) {
    for (let round = 0; round < 4; round++) {
      const bytes = Uint8Array.from(fixture(name));
      for (let i = rng.int(60) + 1; i > 0; i--) bytes[rng.int(bytes.length)] = rng.int(256);
      const result = await outcome(`damaged-${round}-${name}`, bytes);
      assert.ok(result === "read" || result instanceof FulcrumError, `${name}, round ${round}: ${String(result)}`);
    }
  }
});
