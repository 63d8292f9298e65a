/** Weights in Keras' older layout: how names are matched, whatever wrote them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LeafNode, ModelNode, TreeNode } from "../../src/keras/config/tree.ts";
import { modelWeights } from "../../src/keras/weights/collect.ts";
import { findNamed, legacyGroups } from "../../src/keras/weights/legacy.ts";
import type { Weights } from "../../src/layers/index.ts";

const tensor = { shape: [1], data: Float32Array.of(0) };

function container(
  attributes: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>,
  paths: readonly string[],
) {
  const tensors: Weights = new Map(paths.map((path) => [path, tensor]));
  return {
    format: "h5" as const,
    config: null,
    kerasVersion: null,
    attributes: attributes as Record<string, Record<string, string | string[]>>,
    tensors,
  };
}

test("layers' names may hold slashes, as conv1/bn of DenseNet does", () => {
  const entries = ["conv1/bn", "conv2/bn", "bn"].map((layer) => ({ layer, weight: "gamma", tensor }));
  assert.equal(findNamed(entries, "conv2/bn", ["gamma"]), 1);
  assert.equal(findNamed(entries, "bn", ["gamma"]), 2);
  assert.equal(findNamed(entries, "conv3/bn", ["gamma"]), -1);
});

test("names of models may stand before a layer's, as Keras 3 writes them", () => {
  const entries = [{ layer: "outer/dense", weight: "kernel", tensor }];
  assert.equal(findNamed(entries, "dense", ["kernel"]), 0);
  assert.equal(findNamed(entries, "ense", ["kernel"]), -1);
});

test("lists of names that are cut into several attributes are joined, padding is taken off", () => {
  const groups = legacyGroups(
    container({ "": { layer_names0: ["a\0\0"], layer_names1: ["b"] }, a: { weight_names: ["a/kernel:0"] } }, [
      "a/a/kernel:0",
    ]),
  );
  assert.deepEqual(
    [...groups!].map(([layer, entries]) => [layer, entries.map(({ layer: of, weight }) => `${of} ${weight}`)]),
    [
      ["a", ["a kernel"]],
      ["b", []],
    ],
  );
});

test("a file of another layout has no such groups", () => {
  assert.equal(legacyGroups(container({}, ["layers/dense/vars/0"])), null);
});

/** A model of the tree; calls do not matter for weights. */
function modelOf(name: string, ...layers: TreeNode[]): ModelNode {
  const common = { className: "Functional", calls: [], isSequential: false, inputs: [], outputs: [], inputShape: null };
  return { kind: "model", name, layers, ...common };
}

test("a nested model that two other models share is refused by its layer: Keras 3 saves it once", () => {
  const dense = (): LeafNode => ({ kind: "layer", name: "dense", className: "Dense", calls: [], config: {} });
  const leaves = [dense(), dense()];
  const parents = leaves.map((leaf, i) => modelOf(`parent_${i}`, modelOf("shared", leaf)));
  const linear = { kind: "linear" } as const;
  const kind = { type: "Dense", units: 1, useBias: false, activation: linear } as const;
  const placed = new Map(leaves.map((leaf, i) => [leaf, { name: `parent_${i}/shared/dense`, kind }]));
  const weightsOf = (...groups: string[]) => {
    const paths = groups.map((group) => `layers/${group}/layers/functional/layers/dense/vars/0`);
    return modelWeights(container({}, paths), modelOf("whole", ...parents), placed);
  };
  assert.throws(
    () => weightsOf("functional"),
    /layer parent_1\/shared\/dense \(Dense\) has no weights of its own, parent_0\/shared\/dense has/,
  );
  // Two models that only have one name are saved each.
  assert.equal(weightsOf("functional", "functional_1").size, 2);
});
