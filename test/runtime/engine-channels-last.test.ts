/** The rewritten graph gives what ONNX Runtime's own Conv gives, and its gradients are those of finite differences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConvOptions, GraphBuilder, type Node } from "../../src/engine/graph/index.ts";
import { channelsLast } from "../../src/engine/layout/index.ts";
import { assertClose } from "../kit/close.ts";
import { bothGradients, float64, runGraph, spreadValues } from "../kit/engine.ts";

interface ConvCase {
  readonly name: string;
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly options?: ConvOptions;
}

const cases: readonly ConvCase[] = [
  { name: "1 x 1", x: [2, 3, 2, 3], weight: [4, 3, 1, 1] },
  { name: "1 x 1, stride 2", x: [1, 2, 5, 4], weight: [3, 2, 1, 1], options: { strides: [2, 2] } },
  { name: "3 x 3, padded", x: [2, 2, 3, 4], weight: [3, 2, 3, 3], options: { pads: [1, 1, 1, 1] } },
  {
    name: "3 x 2, uneven pads and strides",
    x: [1, 2, 5, 6],
    weight: [2, 2, 3, 2],
    options: { pads: [0, 1, 2, 0], strides: [2, 3] },
  },
  { name: "dilated", x: [1, 1, 6, 6], weight: [2, 1, 2, 2], options: { dilations: [2, 3] } },
  { name: "depthwise", x: [2, 3, 4, 4], weight: [3, 1, 3, 3], options: { pads: [1, 1, 1, 1], group: 3 } },
  {
    name: "depthwise, stride 2",
    x: [1, 2, 6, 5],
    weight: [2, 1, 3, 3],
    options: { pads: [0, 0, 1, 1], strides: [2, 2], group: 2 },
  },
];

/** Scale and shift a channel behind a convolution, ReLU6-like limits, a mean over the picture. */
function network(
  b: GraphBuilder,
  { x, weight, bias, scale }: Record<"x" | "weight" | "bias" | "scale", Node>,
  options: ConvOptions = {},
): Node {
  const channels = weight.shape[0] as number;
  const wide = (vector: Node) => b.reshape(vector, [1, channels, 1, 1]);
  const scaled = b.add(b.mul(b.conv(x, weight, bias, options), wide(scale)), wide(bias));
  return b.clip(scaled, -0.9, 2);
}

for (const { name, x, weight, options } of cases) {
  const count = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1);
  const channels = weight[0]!;
  const inputs = [x, weight, [channels], [channels]].map((dims, i) => ({
    dims,
    values: spreadValues(count(dims) + 7 * i).slice(7 * i),
  }));

  test(`${name}: values`, async () => {
    const b = new GraphBuilder();
    const [image, kernel, bias, scale] = inputs.map(({ dims }, i) => b.input(`x${i}`, "float64", dims)) as [
      Node,
      Node,
      Node,
      Node,
    ];
    // ONNX Runtime's Conv has no float64: compared with float32.
    const narrow = (node: Node) => b.cast(node, "float32");
    const expected = network(
      b,
      { x: narrow(image), weight: narrow(kernel), bias: narrow(bias), scale: narrow(scale) },
      options,
    );
    b.output("expected", expected);
    b.output("actual", channelsLast(b, [network(b, { x: image, weight: kernel, bias, scale }, options)])[0]!);
    const feeds = Object.fromEntries(inputs.map(({ dims, values }, i) => [`x${i}`, float64(dims, values)]));
    const results = await runGraph(b.build("conv"), feeds);
    assert.deepEqual([...results.actual!.dims], [...results.expected!.dims]);
    assertClose(Array.from(results.actual!.data, Number), Array.from(results.expected!.data, Number), 1e-5);
  });

  test(`${name}: gradients`, async () => {
    const { byRule, byDifference } = await bothGradients({
      inputs,
      build: (b, [image, kernel, bias, scale]) =>
        channelsLast(b, [network(b, { x: image!, weight: kernel!, bias: bias!, scale: scale! }, options)])[0]!,
    });
    for (const [i, gradient] of byRule.entries()) assertClose(gradient, byDifference[i]!, 1e-6);
  });
}

test("batch statistics and a shortcut", async () => {
  const build = (b: GraphBuilder, [x, weight]: readonly Node[]): Node => {
    const y = b.conv(x!, weight!, null, { pads: [1, 1, 1, 1] });
    const mean = b.reduceMean(y, [0, 2, 3]);
    const centred = b.sub(y, mean);
    const variance = b.reduceMean(b.mul(centred, centred), [0, 2, 3]);
    const normed = b.div(centred, b.sqrt(b.add(variance, b.scalar(1e-3, y.dtype))));
    return b.flatten(b.globalAveragePool(b.relu(b.add(normed, x!))));
  };
  const inputs = [
    [2, 2, 3, 3],
    [2, 2, 3, 3],
  ].map((dims) => ({ dims, values: spreadValues(36) }));
  const { byRule, byDifference } = await bothGradients({
    inputs,
    build: (b, nodes) => channelsLast(b, [build(b, nodes)])[0]!,
  });
  for (const [i, gradient] of byRule.entries()) assertClose(gradient, byDifference[i]!, 1e-6);
});

test("a large depthwise picture, which is computed by shifts", async () => {
  const b = new GraphBuilder();
  const [x, weight] = [b.input("x0", "float32", [1, 2, 66, 66]), b.input("x1", "float32", [2, 1, 3, 3])];
  const y = b.conv(x, weight, null, { pads: [1, 1, 1, 1], strides: [1, 1], group: 2 });
  b.output("expected", y);
  b.output("actual", channelsLast(b, [y])[0]!);
  const feed = (dims: number[]) => {
    const data = Float32Array.from(spreadValues(dims.reduce((product, dim) => product * dim, 1)));
    return { dtype: "float32", dims, data } as const;
  };
  const graph = b.build("shifts");
  assert.ok(!JSON.stringify(graph.outputs, (key, value) => (key === "data" ? null : value)).includes("selection"));
  const results = await runGraph(graph, { x0: feed([1, 2, 66, 66]), x1: feed([2, 1, 3, 3]) });
  assertClose(results.actual!.data as Float32Array, results.expected!.data as Float32Array, 1e-5);
});
