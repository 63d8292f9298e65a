/** Keras configurations: what is refused, by which name; circles, blow-ups and nonsense end in an error. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { flattenModel } from "../../src/keras/config/flatten.ts";
import { KerasProblem } from "../../src/keras/config/problem.ts";
import { parseModelTree } from "../../src/keras/config/tree.ts";

const input = {
  class_name: "InputLayer",
  config: { batch_input_shape: [null, 8, 8, 3], name: "x" },
  name: "x",
  inbound_nodes: [],
};
const layer = (className: string, name: string, config: object, ...reads: string[]) => ({
  class_name: className,
  config: { name, ...config },
  name,
  inbound_nodes: [reads.map((read) => [read, 0, 0, {}])],
});
const functional = (layers: readonly object[], output: string, name = "model") => ({
  class_name: "Functional",
  config: { name, layers, input_layers: [["x", 0, 0]], output_layers: [[output, 0, 0]] },
});
const read = (config: unknown) => flattenModel(parseModelTree(config), 2);
const conv = (name: string, from: string, config: object = {}) =>
  layer("Conv2D", name, { filters: 4, kernel_size: [3, 3], ...config }, from);

test("the order of a file that lists a layer before what it reads does not matter", () => {
  const { network } = read(functional([conv("b", "a"), conv("a", "x"), input], "b"));
  assert.deepEqual(
    network.layers.map(({ name }) => name),
    ["x", "a", "b"],
  );
});

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ["an unknown class", functional([input, layer("Conv3D", "deep", {}, "x")], "deep"), /layer deep \(Conv3D\)/],
  ["a Lambda", functional([input, layer("Lambda", "mine", {}, "x")], "mine"), /layer mine \(Lambda\)/],
  [
    "a registered class of one's own",
    functional([input, { ...conv("a", "x"), registered_name: "Mine>Conv2D" }], "a"),
    /layer a is of class Mine>Conv2D/,
  ],
  [
    "an operation that is no layer",
    functional([input, { ...layer("Add", "plus", {}, "x"), module: "keras.src.ops.numpy" }], "plus"),
    /layer plus is of class/,
  ],
  ["channels first", functional([input, conv("a", "x", { data_format: "channels_first" })], "a"), /data_format/],
  ["an unknown activation", functional([input, conv("a", "x", { activation: "wild" })], "a"), /activation "wild"/],
  [
    "an activation called like a method",
    functional([input, conv("a", "x", { activation: "toString" })], "a"),
    /toString/,
  ],
  ["a size of 0", functional([input, conv("a", "x", { strides: 0 })], "a"), /strides is 0/],
  ["a circle", functional([input, conv("a", "b"), conv("b", "a")], "b"), /circle/],
  ["a layer that reads itself", functional([input, conv("a", "a")], "a"), /circle/],
  ["two layers of one name", functional([input, conv("a", "x"), conv("a", "x")], "a"), /two layers are called a/],
  ["an output that is not there", functional([input], "nothing"), /nothing/],
  ["a layer as a model", conv("a", "x"), /is no model/],
  ["no JSON object", 17, /configuration/],
];
for (const [what, config, words] of refused) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => read(config),
      (error) => error instanceof KerasProblem && words.test(error.message),
    );
  });
}

test("models that call models that call models end in an error, not in endless work", () => {
  let model: object = functional([input, conv("a", "x")], "a", "m0");
  for (let depth = 1; depth < 12; depth++) {
    const calls = Array.from({ length: 10 }, (_, i) => [[i === 0 ? "x" : `m${depth - 1}`, i === 0 ? 0 : i, 0, {}]]);
    const inner = { ...model, name: `m${depth - 1}`, inbound_nodes: calls };
    model = {
      class_name: "Functional",
      config: {
        name: `m${depth}`,
        layers: [input, inner],
        input_layers: [["x", 0, 0]],
        output_layers: [[`m${depth - 1}`, 10, 0]],
      },
    };
  }
  assert.throws(() => read(model), KerasProblem);
});

test("models nested without end are refused", () => {
  let model: object = functional([input], "x");
  for (let depth = 0; depth < 100; depth++) model = { class_name: "Sequential", config: { layers: [model] } };
  assert.throws(() => read(model), /nested/);
});

/** One random change somewhere in a JSON value. */
function damaged(value: unknown, rng: Rng): unknown {
  if (typeof value !== "object" || value === null || rng.int(8) === 0) {
    return [null, -1, 1e30, "x", [], {}, true, [[["x", 0, 0, {}]]]][rng.int(8)];
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return value;
  const key = keys[rng.int(keys.length)]!;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (rng.int(6) === 0 && !Array.isArray(value)) delete (copy as Record<string, unknown>)[key];
  else (copy as Record<string, unknown>)[key] = damaged((value as Record<string, unknown>)[key], rng);
  return copy;
}

test("2,000 damaged configurations are read or refused, nothing else", () => {
  const inner = { ...functional([input, conv("c", "x"), conv("d", "c")], "d", "inner"), name: "inner" };
  const whole = functional(
    [
      input,
      conv("a", "x", { activation: "relu", padding: "same" }),
      layer("BatchNormalization", "n", { axis: [3], epsilon: 1e-3 }, "a"),
      { ...inner, inbound_nodes: [[["n", 0, 0, {}]]] },
      layer("Concatenate", "both", { axis: -1 }, "a", "n"),
      layer("Dense", "out", { units: 3, activation: "softmax" }, "both"),
    ],
    "out",
  );
  const rng = new Rng("damaged configurations");
  let refusals = 0;
  for (let i = 0; i < 2000; i++) {
    let config: unknown = whole;
    for (let changes = rng.int(3) + 1; changes > 0; changes--) config = damaged(config, rng);
    try {
      read(config);
    } catch (error) {
      assert.ok(error instanceof KerasProblem, `change ${i}: ${String((error as Error).stack)}`);
      refusals++;
    }
  }
  assert.ok(refusals > 500, `only ${refusals} were refused`);
});
