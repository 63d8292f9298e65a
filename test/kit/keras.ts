/** Runs a Keras file as imported, on pictures as Keras takes them. */
import { GraphBuilder } from "../../src/engine/graph/index.ts";
import { type KerasModel, readKerasModel } from "../../src/keras/index.ts";
import { inputNames, lowerNetwork, storedWeights } from "../../src/layers/index.ts";
import { runGraph } from "./engine.ts";

export interface Pictures {
  /** [N, rows, columns, channels] */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The model's result for float pictures, row-major. */
export async function runKerasFile(path: string, pictures: Pictures): Promise<Float32Array> {
  return runKerasModel(await readKerasModel(path), pictures);
}

export async function runKerasModel(
  { network, weights }: KerasModel,
  { shape, data }: Pictures,
): Promise<Float32Array> {
  const b = new GraphBuilder();
  const picture = b.input("picture", "float32", ["N", ...shape.slice(1)]);
  const x = b.transpose(picture, [0, 3, 1, 2]);
  const inputs = Object.fromEntries(inputNames(network).map((name) => [name, x]));
  const { outputs } = lowerNetwork(b, network, { inputs, weights: storedWeights(weights) });
  b.output("result", outputs[0]!);
  const { result } = await runGraph(b.build("keras"), { picture: { dtype: "float32", dims: shape, data } });
  return result!.data as Float32Array;
}

/** The network's value at a layer instead of its end. */
export function endingAt(model: KerasModel, layer: string): KerasModel {
  return { ...model, network: { ...model.network, outputs: [layer] } };
}

export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  // A NaN is as wrong as can be.
  return Array.from(expected).reduce((most, value, i) => {
    const difference = Math.abs(value - actual[i]!);
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
  }, 0);
}
