/** Where a base is cut: what the frozen part gives at the boundary, through the trained part, is what the whole base gives. */
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import type { TensorValue } from "../../src/engine/graph/index.ts";
import { createSession } from "../../src/engine/runtime/index.ts";
import { availableBase, featuresOutput, loadWeights, planInputs } from "../../src/models/index.ts";
import { boundaryOutput, makeExtractor } from "../../src/train/frozen.ts";
import { createTail, tailInput } from "../../src/train/tail.ts";
import { unfreezeNetworks } from "../../src/train/unfreeze.ts";
import { assertClose } from "../kit/close.ts";
import { smallCandidate } from "../kit/train.ts";

/** Pixels of a photo's side: the picture at the boundary is 3 x 3. */
const size = 96;
const classCount = 3;

for (const layers of [6, 12]) {
  test(`Lite0 cut before its last ${layers} layers`, async () => {
    const base = availableBase("efficientnet-lite0");
    const weights = await loadWeights(base);
    const {
      preprocessing,
      unfreeze,
      head: choices,
    } = smallCandidate({ preprocessing: { size }, unfreeze: { layers } });
    const [input] = planInputs(preprocessing, [base]).inputs;
    const unfrozen = unfreezeNetworks([base.network(size)], unfreeze)[0]!;
    const extractor = makeExtractor({ base, weights }, input!, unfrozen, { features: true, boundary: true });

    const rng = new Rng("boundary");
    const photo = Uint8Array.from({ length: size * size * 3 }, () => rng.int(256));
    const front = await createSession(extractor.model, { threads: 1 });
    const values = await front.run({ [input!.input]: { dtype: "uint8", dims: [1, size, size, 3], data: photo } });
    await front.dispose();

    const head = {
      kernel: Float32Array.from({ length: base.featureCount * classCount }, () => rng.normal() / 30),
      bias: Float32Array.from({ length: classCount }, () => rng.normal()),
    };
    const dimsOf = (layer: string) =>
      extractor.source.outputs.find(({ name }) => name === boundaryOutput(layer))!.dims as readonly number[];
    const part = {
      id: base.id,
      featureCount: base.featureCount,
      unfrozen,
      boundaryDims: Object.fromEntries(unfrozen.boundary.map((layer) => [layer, dimsOf(layer)])),
      weights,
    };
    const model = await createTail({
      parts: [part],
      head,
      optimizer: choices.optimizer,
      clipping: choices.clip,
      l2: 0,
      movingVariance: "keras2",
      threads: 1,
      spinning: false,
    });
    const boundary = unfrozen.boundary.map(
      (layer) => [tailInput(part, layer), values[boundaryOutput(layer)]!] as const,
    );
    const rowOf = (values: number[]): TensorValue => ({
      dtype: "float32",
      dims: [1, values.length],
      data: Float32Array.from(values),
    });
    const feeds = { ...Object.fromEntries(boundary), labels: rowOf([1, 0, 0]) };

    const features = values[featuresOutput]!.data as Float32Array;
    const expected = Array.from(head.bias, (bias, c) =>
      features.reduce((sum, value, i) => sum + value * head.kernel[i * classCount + c]!, bias),
    );
    const evaluator = await model.evaluator();
    assertClose((await evaluator.evaluate(feeds)).results.logits!.data as Float32Array, expected, 1e-4);
    await evaluator.dispose();
    const stepped = await model.step({ ...feeds, mask: rowOf(new Array(base.featureCount).fill(1)) });
    assertClose(stepped.results.logits!.data as Float32Array, expected, 1e-4);
    await model.dispose();
  });
}
