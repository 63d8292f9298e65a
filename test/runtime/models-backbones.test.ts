/** The embedded base models against PyTorch's outputs for the same weights and pixels. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeModel } from "../../src/engine/onnx/index.ts";
import { createSession } from "../../src/engine/runtime/index.ts";
import {
  availableBase,
  availableBaseIds,
  buildImagenetGraph,
  loadWeights,
  planInputs,
} from "../../src/models/index.ts";
import { type NpyArray, readNpy } from "../kit/npy.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";

const goldens = "goldens/backbones";
const skip = sharedMissing(goldens);
const tolerance = 1e-3;

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  return Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
}

function argmaxOfRows({ shape, data }: { shape: readonly number[]; data: ArrayLike<number> }): number[] {
  const columns = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) => {
    const values = Array.from({ length: columns }, (_, column) => data[row * columns + column]!);
    return values.indexOf(Math.max(...values));
  });
}

const numbers = ({ data }: NpyArray) => data as Float32Array;

for (const id of availableBaseIds) {
  test(`${id} gives the reference's features and logits`, { skip }, async () => {
    const golden = (part: string) => readNpy(sharedFile(`${goldens}/${id.replace("-", "_")}.${part}.npy`));
    const base = availableBase(id);
    const { inputs } = planInputs({ size: null, resize: "base", scale: "base" }, [base]);
    const graph = buildImagenetGraph({ base, weights: await loadWeights(base) }, inputs[0]!);
    const session = await createSession(encodeModel(graph), { threads: 1 });
    const images = golden("images.uint8");
    const image = { dtype: "uint8", dims: images.shape, data: images.data as Uint8Array } as const;
    const { features, logits } = await session.run({ image });
    await session.dispose();

    const featureError = largestDifference(features!.data as Float32Array, numbers(golden("features")));
    assert.ok(featureError <= tolerance, `features differ by ${featureError}`);
    const expectedLogits = golden("logits");
    const logitError = largestDifference(logits!.data as Float32Array, numbers(expectedLogits));
    assert.ok(logitError <= tolerance, `logits differ by ${logitError}`);
    const found = argmaxOfRows({ shape: logits!.dims, data: logits!.data as Float32Array });
    const expected = argmaxOfRows({ shape: expectedLogits.shape, data: numbers(expectedLogits) });
    assert.deepEqual(found, expected);
  });
}
