/** Imported Keras files against what Keras itself computed with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readKerasModel } from "../../src/keras/index.ts";
import { largestDifference, type Pictures, runKerasFile } from "../kit/keras.ts";
import { readNpy } from "../kit/npy.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";

const goldens = "goldens/keras";
const skip = sharedMissing(goldens);
const golden = (name: string) => readNpy(sharedFile(`${goldens}/${name}`)) as Pictures;

/** Model, the files that it is in, and what Keras says of it. */
const models = [
  ["MobileNetV2", ["k214.h5", "k214.keras", "k3.h5", "k3.keras"], "MobileNetV2.output.k214.npy"],
  ["MobileNetV2-top", ["k214.h5", "k214.keras", "k3.h5", "k3.keras"], "MobileNetV2-top.output.k214.npy"],
  ["TinyResNetV2", ["k214.h5", "k214.keras", "k3.h5", "k3.keras"], "TinyResNetV2.output.k214.npy"],
  ["MobileNetV2-compiled", ["k214.h5", "k214.keras"], "MobileNetV2-compiled.output.k214.npy"],
] as const;

for (const [name, forms, output] of models) {
  for (const form of forms) {
    test(`${name}.${form} gives Keras' probabilities`, { skip }, async () => {
      const found = await runKerasFile(sharedFile(`${goldens}/${name}.${form}`), golden("inputs-01.npy"));
      const difference = largestDifference(found, golden(output).data);
      assert.ok(difference <= 1e-4, `differs by ${difference}`);
    });
  }
}

test("a file says what wrote it", { skip }, async () => {
  const { format, kerasVersion } = await readKerasModel(sharedFile(`${goldens}/MobileNetV2.k3.keras`));
  assert.deepEqual([format, kerasVersion], ["keras", "3.15.1"]);
});
