/** Runs small graphs, and checks gradients by finite differences, in float64 so that tolerances can be tight. */
import assert from "node:assert/strict";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { type Graph, GraphBuilder, type Node, type TensorValue } from "../../src/engine/graph/index.ts";
import { encodeModel } from "../../src/engine/onnx/index.ts";
import { createSession, type TensorValues } from "../../src/engine/runtime/index.ts";

/** An operation under test: its float64 inputs and how they are joined. */
export interface GradientCase {
  readonly inputs: readonly { dims: readonly number[]; values: readonly number[] }[];
  readonly build: (b: GraphBuilder, inputs: readonly Node[]) => Node;
}

/** Half the distance of the two points of a central difference. */
const step = 1e-5;

export function float64(dims: readonly number[], values: readonly number[]): TensorValue {
  return { dtype: "float64", dims, data: Float64Array.from(values) };
}

/** Runs a graph once. */
export async function runGraph(graph: Graph, feeds: TensorValues): Promise<Record<string, TensorValue>> {
  const session = await createSession(encodeModel(graph), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** Numbers that are the same everywhere and have no pattern: fractions of multiples of the golden ratio, -1..1. */
export function spreadValues(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 2 * (((i + 1) * 0.6180339887498949) % 1) - 1);
}

/**
 * The graph of a case: the loss sum(weights * operation(inputs)), with unequal weights so that exchanged elements show,
 * and its gradient with respect to each input.
 */
function caseGraph({ inputs, build }: GradientCase): Graph {
  const b = new GraphBuilder();
  const nodes = inputs.map(({ dims }, i) => b.input(`x${i}`, "float64", dims));
  const result = build(b, nodes);
  const dims = result.shape.map(Number);
  const count = dims.reduce((product, dim) => product * dim, 1);
  const weighted = b.mul(result, b.constant("loss.weights", "float64", dims, spreadValues(count)));
  const loss = b.reduceSum(weighted, null, { keepDims: false });
  b.output("loss", loss);
  gradients(b, loss, nodes).forEach((gradient, i) => {
    b.output(`d${i}`, gradient);
  });
  return b.build("gradient-case");
}

/** Gradients by the engine's rules, and by central differences: one list an input. */
export async function bothGradients(one: GradientCase): Promise<{ byRule: number[][]; byDifference: number[][] }> {
  const session = await createSession(encodeModel(caseGraph(one)), { threads: 1 });
  const lossAt = async (input: number, element: number, offset: number): Promise<number> => {
    const feeds = one.inputs.map(({ dims, values }, i): [string, TensorValue] => {
      const moved = values.map((value, at) => (i === input && at === element ? value + offset : value));
      return [`x${i}`, float64(dims, moved)];
    });
    return Number((await session.run(Object.fromEntries(feeds))).loss!.data[0]);
  };
  const feeds = one.inputs.map(({ dims, values }, i): [string, TensorValue] => [`x${i}`, float64(dims, values)]);
  const outputs = await session.run(Object.fromEntries(feeds));
  const byRule: number[][] = [];
  const byDifference: number[][] = [];
  for (const [i, { dims, values }] of one.inputs.entries()) {
    const gradient = outputs[`d${i}`]!;
    assert.deepEqual([...gradient.dims], [...dims], `gradient of input ${i} has its shape`);
    byRule.push(Array.from(gradient.data, Number));
    const differences: number[] = [];
    for (const element of values.keys()) {
      const rise = (await lossAt(i, element, step)) - (await lossAt(i, element, -step));
      differences.push(rise / (2 * step));
    }
    byDifference.push(differences);
  }
  await session.dispose();
  return { byRule, byDifference };
}
