/** `fulcrum data preview` writes a contact sheet; its first column is the photo as a model sees it. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { verb } from "../../src/cli/verbs/data-preview.ts";
import { projectDir } from "../../src/config/paths.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { decodePhoto } from "../../src/images/index.ts";
import { temporaryFolder } from "../kit/photos.ts";
import { writeColourDataset } from "../kit/train.ts";

const io = { print() {}, json() {}, progress: noProgress, signal: new AbortController().signal };

function project(augmentation: object | null): string {
  const candidate = { name: "small", bases: ["efficientnet-lite0"], preprocessing: { size: 32 }, augmentation };
  return JSON.stringify({ name: "x", data: { dir: "photos" }, candidates: [candidate] });
}

test("a row a photo, spread over the classes", async (t) => {
  const dir = await temporaryFolder(t);
  await writeColourDataset(join(dir, "photos"), { training: 4, validation: 1 });
  const config = join(dir, "fulcrum.yaml");
  const out = join(dir, "preview.png");
  const options = { config, set: [], out, photos: 2, versions: 3 };
  await writeFile(config, project({ rotationDegrees: 30, brightness: [0.2, 0.4] }));
  await verb.run({ args: [undefined as never], options, io });
  const { width, height, data } = await decodePhoto(await readFile(out), out);
  assert.deepEqual([width, height], [4 * 36 + 4, 2 * 36 + 4]);
  const level = (column: number, row: number, channel: number) =>
    data[((4 + row * 36 + 16) * width + 4 + column * 36 + 16) * 3 + channel]!;
  const [blue, red] = [0, 1]; // classes in order of their names
  assert.ok(level(0, blue, 2) > 150 && level(0, red, 0) > 150);
  assert.ok(level(1, blue, 2) < 100 && level(3, red, 0) < 100, "versions are darker");
});

test("an imported base has its own size", async (t) => {
  const dir = await temporaryFolder(t);
  await writeColourDataset(join(dir, "photos"), { training: 4, validation: 1 });
  const [config, out] = [join(dir, "fulcrum.yaml"), join(dir, "preview.png")];
  const model = { file: join(projectDir, "test/fixtures/keras/tiny.k214.keras"), use: "base" };
  const candidates = [{ name: "tiny", model, augmentation: { horizontalFlip: true } }];
  await writeFile(config, JSON.stringify({ name: "x", data: { dir: "photos" }, candidates }));
  await verb.run({ args: [undefined as never], options: { config, set: [], out, photos: 2, versions: 3 }, io });
  const { width, height } = await decodePhoto(await readFile(out), out);
  assert.deepEqual([width, height], [4 * (12 + 4) + 4, 2 * (12 + 4) + 4]);
});

test("a candidate without augmentation is refused by name", async (t) => {
  const dir = await temporaryFolder(t);
  const config = join(dir, "fulcrum.yaml");
  await writeFile(config, project(null));
  const options = { config, set: [], out: join(dir, "preview.png"), photos: 2, versions: 3 };
  await assert.rejects(verb.run({ args: ["small"], options, io }), (error) => isFulcrumError(error, "CLI_BAD_VALUE"));
});
