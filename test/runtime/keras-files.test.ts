/** Tiny Keras files of both versions (test/fixtures/keras): what Keras computed, and the forms that hold weights only. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { readKerasModel, readKerasWeights } from "../../src/keras/index.ts";
import { mobileNetV2, upToLayers } from "../../src/layers/index.ts";
import { largestDifference, type Pictures, runKerasFile, runKerasModel } from "../kit/keras.ts";
import { readNpy } from "../kit/npy.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";

const fixtures = join(projectDir, "test/fixtures/keras");

for (const tag of ["k214", "k3"]) {
  const reference = JSON.parse(readFileSync(join(fixtures, `tiny.${tag}.json`), "utf8")) as {
    readonly input: readonly number[];
    readonly output: readonly number[];
  };
  for (const format of ["h5", "keras"]) {
    test(`tiny.${tag}.${format} gives Keras' probabilities`, async () => {
      const pictures = { shape: [2, 12, 12, 3], data: Float32Array.from(reference.input) };
      const found = await runKerasFile(join(fixtures, `tiny.${tag}.${format}`), pictures);
      assert.ok(largestDifference(found, reference.output) <= 1e-6);
      const other = reference.output.map((value, i) => (i === 1 ? value + 1e-4 : value));
      assert.ok(largestDifference(found, other) > 1e-5, "the check notices a difference");
    });
  }

  test(`base.${tag}.weights.h5 holds the nested model's weights`, async () => {
    const { network, weights } = await readKerasModel(join(fixtures, `tiny.${tag}.keras`));
    const base = upToLayers(network, ["sum"]);
    const found = await readKerasWeights(join(fixtures, `base.${tag}.weights.h5`), base);
    const expected = [...weights].filter(([name]) => !name.startsWith("dense"));
    assert.equal(found.size, expected.length);
    for (const [name, weight] of expected) assert.deepEqual(found.get(name), weight, name);
  });
}

/** The base as fulcrum builds it, with weights out of every form of file; Keras' last feature map. */
const goldens = "goldens/keras";
const golden = (name: string) => sharedFile(`${goldens}/${name}`);

for (const form of ["weights.k214.h5", "weights.k214-fixedstr.h5", "weights.h5"]) {
  test(`MobileNetV2.${form} holds the whole model's weights`, { skip: sharedMissing(goldens) }, async () => {
    const { network, weights } = await readKerasModel(golden("MobileNetV2.k214.h5"));
    const found = await readKerasWeights(golden(`MobileNetV2.${form}`), upToLayers(network, ["out_relu"]));
    const expected = [...weights].filter(([name]) => !name.startsWith("dense/"));
    assert.equal(found.size, expected.length);
    for (const [name, { data }] of expected) assert.equal(largestDifference(found.get(name)!.data, data), 0, name);
  });
}

const forms = [
  "weights.k214.h5",
  "weights.k214-fixedstr.h5",
  "weights.h5",
  "k214.h5",
  "k214.keras",
  "k3.h5",
  "k3.keras",
];
for (const form of forms) {
  test(`the MobileNetV2 base takes MobileNetV2.${form}`, { skip: sharedMissing(goldens) }, async () => {
    const network = mobileNetV2(0.35, 96);
    const weights = await readKerasWeights(golden(`MobileNetV2.${form}`), network);
    const model = { network, weights, format: "h5", kerasVersion: null } as const;
    const found = await runKerasModel(model, readNpy(golden("inputs-01.npy")) as Pictures);
    // The golden is [N, rows, columns, channels].
    const expected = readNpy(golden("MobileNetV2.feature.out_relu.k214.npy"));
    const [count, rows, columns, channels] = expected.shape as [number, number, number, number];
    const channelsFirst = Float32Array.from({ length: expected.data.length }, (_, i) => {
      const pixel = i % (rows * columns);
      const channel = Math.floor(i / (rows * columns)) % channels;
      const photo = Math.floor(i / (rows * columns * channels));
      return Number(expected.data[(photo * rows * columns + pixel) * channels + channel]);
    });
    assert.equal(count, 4);
    const difference = largestDifference(found, channelsFirst);
    assert.ok(difference <= 1e-4, `differs by ${difference}`);
  });
}
