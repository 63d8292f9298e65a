/** Base networks against Keras' own: names of layers in their order, numbers of parameters, shapes; and the Lite rules. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { projectDir } from "../../src/config/paths.ts";
import { GraphBuilder } from "../../src/engine/graph/index.ts";
import { liteBlocks, liteVariants } from "../../src/layers/bases/efficientnet-lite.ts";
import {
  efficientNetLite,
  lowerNetwork,
  mobileNetV2,
  type Network,
  randomWeights,
  resNetV2,
  type Weight,
} from "../../src/layers/index.ts";
import { samePadding } from "../../src/layers/lower/padding.ts";

interface KerasModel {
  readonly layers: readonly string[];
  /** Including moving statistics, as count_params() counts. */
  readonly parameters: number;
  /** Rows, columns, channels. */
  readonly output: readonly number[];
}

const fixture = JSON.parse(
  readFileSync(join(projectDir, "test/fixtures/keras-layers/models.json"), "utf8"),
) as Readonly<Record<string, KerasModel>>;

function networkOf(id: string): Network {
  const [family, ...rest] = id.split("-") as [string, ...string[]];
  if (family === "mobilenetv2") return mobileNetV2(Number(rest[0]), Number(rest[1]));
  return resNetV2(family as "resnet50v2", Number(rest[0]));
}

/** Lowers a network with any weights: what it needs of them, and the shape that it ends in. */
function lowered(network: Network, size: number): { parameters: number; shape: readonly (number | string)[] } {
  const b = new GraphBuilder();
  const kept = new Map<string, Weight>();
  const input = b.input("picture", "float32", ["N", 3, size, size]);
  const inputs = Object.fromEntries(network.layers.filter(({ type }) => type === "Input").map((l) => [l.name, input]));
  const { outputs } = lowerNetwork(b, network, { inputs, weights: randomWeights(new Rng(1), kept) });
  const parameters = [...kept.values()].reduce((sum, { data }) => sum + data.length, 0);
  return { parameters, shape: outputs[0]!.shape };
}

for (const [id, keras] of Object.entries(fixture)) {
  test(`${id} has Keras' layers in Keras' order, parameters and shape`, () => {
    const network = networkOf(id);
    // Keras numbers the input's name in each session.
    assert.deepEqual(
      network.layers.slice(1).map(({ name }) => name),
      keras.layers.slice(1),
    );
    const { parameters, shape } = lowered(network, Number(id.split("-").at(-1)));
    assert.equal(parameters, keras.parameters);
    const [rows, columns, channels] = keras.output;
    assert.deepEqual(shape, ["N", channels, rows, columns]);
  });
}

test("Lite variants are wider and deeper by the published rules", () => {
  const channelsOf = (blocks: ReturnType<typeof liteBlocks>) => [...new Set(blocks.map(({ channels }) => channels))];
  assert.equal(liteBlocks(liteVariants[0]).length, 16);
  assert.deepEqual(channelsOf(liteBlocks(liteVariants[0])), [16, 24, 40, 80, 112, 192, 320]);
  assert.equal(liteBlocks(liteVariants[2]).length, 21);
  assert.deepEqual(channelsOf(liteBlocks(liteVariants[2])), [16, 24, 48, 88, 120, 208, 352]);
});

test("Lite0 to Lite4 have the published numbers of parameters", () => {
  // Google's table: 4.7, 5.4, 6.1, 8.2, 13.0 million with the classifier of 1,281,000, moving statistics not counted.
  const millions = liteVariants.map((variant, i) => {
    const network = efficientNetLite(`lite${i}`, variant, variant.inputSize);
    const moving = network.layers.filter(({ type }) => type === "BatchNormalization");
    assert.equal(moving.length, network.layers.filter(({ type }) => type.endsWith("Conv2D")).length);
    const statistics = [...statisticsOf(network, variant.inputSize)].reduce((sum, count) => sum + count, 0);
    return (lowered(network, variant.inputSize).parameters - statistics + 1_281_000) / 1e6;
  });
  assert.deepEqual(
    millions.map((value) => value.toFixed(1)),
    ["4.7", "5.4", "6.1", "8.2", "13.0"],
  );
});

function statisticsOf(network: Network, size: number): number[] {
  const b = new GraphBuilder();
  const kept = new Map<string, Weight>();
  const inputs = { image: b.input("picture", "float32", ["N", 3, size, size]) };
  lowerNetwork(b, network, { inputs, weights: randomWeights(new Rng(1), kept) });
  return [...kept].filter(([name]) => name.includes("/moving_")).map(([, { data }]) => data.length);
}

test("SAME padding is TensorFlow's: ceil(size / stride), the odd pixel at the end", () => {
  const cases = [
    { size: 224, kernel: 3, stride: 2, expected: { before: 0, after: 1, size: 112 } },
    { size: 225, kernel: 3, stride: 2, expected: { before: 1, after: 1, size: 113 } },
    { size: 56, kernel: 5, stride: 2, expected: { before: 1, after: 2, size: 28 } },
    { size: 65, kernel: 5, stride: 2, expected: { before: 2, after: 2, size: 33 } },
    { size: 7, kernel: 3, stride: 1, expected: { before: 1, after: 1, size: 7 } },
    { size: 7, kernel: 1, stride: 2, expected: { before: 0, after: 0, size: 4 } },
  ];
  for (const { size, kernel, stride, expected } of cases) {
    assert.deepEqual(samePadding(size, kernel, stride), expected, `${size} ${kernel} ${stride}`);
  }
});
