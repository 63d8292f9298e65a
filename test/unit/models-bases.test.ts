/** The table of bases, their inputs, and the shape of EfficientNet-Lite. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type BaseId, baseIds } from "../../src/config/candidate.ts";
import { projectDir } from "../../src/config/paths.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import {
  availableBase,
  availableBaseIds,
  bases,
  loadWeights,
  planInputs,
  resolveBase,
} from "../../src/models/index.ts";

test("every base of the schema is in the table, under its own id", () => {
  assert.deepEqual(Object.keys(bases), [...baseIds]);
  for (const [id, base] of Object.entries(bases)) assert.equal(base.id, id);
});

test("a base that nobody publishes weights for is refused, and the way out is named", async () => {
  const options = { sources: {}, projectDir: ".", cacheDir: "nowhere" };
  await assert.rejects(
    resolveBase("efficientnet-lite3", options),
    (error) => isFulcrumError(error, "MODEL_BASE_UNAVAILABLE") && error.message.includes("`weights`"),
  );
});

test("a file of another network is refused by the first layer that it lacks", async () => {
  const file = availableBase("efficientnet-lite0").weights.path;
  const sources = { resnet50v2: { file, sha256: null } };
  const base = await resolveBase("resnet50v2", { sources, projectDir: ".", cacheDir: "nowhere" });
  await assert.rejects(
    loadWeights(base),
    (error) => isFulcrumError(error, "MODEL_WEIGHTS_INVALID") && error.message.includes("conv1_conv"),
  );
});

test("a file with another hash than the project names is refused", async () => {
  const file = availableBase("efficientnet-lite0").weights.path;
  const sources = { "efficientnet-lite0": { file, sha256: "0".repeat(64) } };
  await assert.rejects(resolveBase("efficientnet-lite0", { sources, projectDir: ".", cacheDir: "nowhere" }), (error) =>
    isFulcrumError(error, "MODEL_WEIGHTS_INVALID"),
  );
});

test("the embedded weights load, and hold as many parameters as the table says", async () => {
  for (const base of availableBaseIds.map(availableBase)) {
    const weights = await loadWeights(base);
    const parameters = [...weights]
      .filter(([name]) => !name.includes("moving_"))
      .reduce((sum, [, { data }]) => sum + data.length, 0);
    assert.equal(parameters, base.parameters, base.id);
  }
});

test("another file than the expected one is refused by its hash", async () => {
  const base = availableBase("efficientnet-lite0");
  const wrong = { ...base, weights: { ...base.weights, path: availableBase("efficientnet-lite1").weights.path } };
  await assert.rejects(loadWeights(wrong), (error) => isFulcrumError(error, "MODEL_WEIGHTS_INVALID"));
});

test("the assets' README states the hashes of the table", () => {
  const readme = readFileSync(join(projectDir, "assets/backbones/README.md"), "utf8");
  for (const id of availableBaseIds) assert.ok(readme.includes(availableBase(id).weights.sha256), id);
});

const ownChoices = { size: null, resize: "base", scale: "base" } as const;
const plan = (choices: Parameters<typeof planInputs>[0], ...ids: BaseId[]) =>
  planInputs(choices, ids.map(availableBase));

test("a base's own preprocessing is the default: short side 32 more than the crop, (x - 127) / 128", () => {
  assert.deepEqual(plan(ownChoices, "efficientnet-lite1"), {
    inputs: [
      {
        input: "image",
        size: 240,
        resize: "crop",
        shortSide: 272,
        shrinkMargin: 2,
        interpolation: "bicubic",
        mean: 127,
        std: 128,
      },
    ],
    inputOfBase: [0],
  });
});

test("bases of different sizes have an input each, equal ones share it", () => {
  const own = plan(ownChoices, "efficientnet-lite0", "efficientnet-lite2");
  assert.deepEqual(
    own.inputs.map(({ input, size }) => [input, size]),
    [
      ["image_224", 224],
      ["image_260", 260],
    ],
  );
  assert.deepEqual(own.inputOfBase, [0, 1]);
  const shared = plan({ size: 192, resize: "stretch", scale: "unit" }, "efficientnet-lite0", "efficientnet-lite2");
  assert.deepEqual(shared.inputOfBase, [0, 0]);
  const { input, size, resize, shortSide, mean, std } = shared.inputs[0]!;
  assert.deepEqual([input, size, resize, shortSide, mean, std], ["image", 192, "stretch", 192, 0, 255]);
});
