/** Tiny Keras files of both versions (test/fixtures/keras): what Keras computed, and the forms that hold weights only. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { readKerasModel, readKerasWeights } from "../../src/keras/index.ts";
import { upToLayers } from "../../src/layers/index.ts";
import { largestDifference, runKerasFile } from "../kit/keras.ts";
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
