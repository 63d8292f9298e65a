/** ONNX files: graphs come back as they went, foreign files are read or refused with a reason, metadata is replaced. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Graph, GraphBuilder, type Node, topologicalOrder } from "../../src/engine/graph/index.ts";
import {
  decodeModel,
  encodeModel,
  parseModel,
  readMetadata,
  renderModel,
  replaceMetadata,
} from "../../src/engine/onnx/index.ts";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  NodeProtoSchema,
  TensorProto_DataType,
} from "../../src/engine/onnx/onnx_pb.ts";
import { isFulcrumError } from "../../src/errors/index.ts";

/** A graph with every kind of attribute, optional inputs left out in the middle, all data types, a symbolic batch. */
function variedGraph(): Graph {
  const b = new GraphBuilder();
  const photo = b.input("photo", "uint8", ["N", 4, 4, 2]);
  const x = b.transpose(b.cast(photo, "float32"), [0, 3, 1, 2], { name: "channels-first" });
  const weight = b.constant(
    "conv.weight",
    "float32",
    [2, 1, 3, 3],
    Float32Array.from({ length: 18 }, (_, i) => i / 7),
  );
  const vector = (name: string) => b.constant(name, "float32", [2], [0.5, 0.1]);
  const conv = b.conv(x, weight, null, { group: 2, pads: [0, 1, 1, 0], name: "conv" });
  const [scale, bias, mean, variance] = ["scale", "bias", "mean", "variance"].map(vector);
  const parameters = { scale: scale!, bias: bias!, mean: mean!, variance: variance!, epsilon: 1e-3 };
  const normal = b.batchNormalization(conv, parameters);
  const rows = b.reshape(b.pad(b.clip(normal, null, 6), [0, 0, 0, 0, 0, 0, 1, 0]), [-1, 3]);
  b.output("rows", rows);
  b.output("mask", b.greater(rows, b.scalar(0.25)));
  b.output("doubled", b.mul(b.cast(rows, "float64"), b.scalar(2, "float64")));
  b.output("picked", b.gather(rows, b.constant("index", "int32", [2], [1, 0]), 1));
  b.output("bytes", b.concat([b.constant("signed", "int8", [2], [-1, 1]), b.constant("more", "int8", [1], [5])], 0));
  return b.build("varied");
}

/** A graph as plain data: nodes by name, so that graphs can be compared. */
function plain(graph: Graph): unknown {
  const reference = (node: Node | null) => node?.name ?? null;
  const nodes = topologicalOrder(graph.outputs.map(({ value }) => value)).map((node) => {
    const { name, op, dtype, shape } = node;
    if (node.op === "Input") return { name, op, dtype, shape };
    if (node.op === "Constant") return { name, op, dtype, shape, data: node.data };
    return { name, op, dtype, shape, inputs: node.inputs.map(reference), attributes: node.attributes };
  });
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: value.name }));
  return { name: graph.name, inputs: graph.inputs.map(reference), outputs, nodes };
}

test("a graph comes back as it went, and gives the same bytes again", () => {
  const graph = variedGraph();
  const bytes = encodeModel(graph, { metadata: { one: "1", two: "zwei ✓" } });
  const decoded = decodeModel(bytes);
  assert.deepEqual(plain(decoded.graph), plain(graph));
  assert.deepEqual(decoded.metadata, { one: "1", two: "zwei ✓" });
  assert.deepEqual(encodeModel(decoded.graph, { metadata: decoded.metadata }), bytes);
});

test("an input, a constant or one value under two names can be an output", () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N"]);
  const y = b.exp(x);
  b.output("first", y);
  b.output("second", y);
  b.output("same", x);
  b.output("three", b.scalar(3));
  const { graph } = decodeModel(encodeModel(b.build("names")));
  assert.deepEqual(
    graph.outputs.map(({ name, value }) => [name, value.op, value.dtype, value.shape]),
    [
      ["first", "Exp", "float32", ["N"]],
      ["second", "Identity", "float32", ["N"]],
      ["same", "Identity", "float32", ["N"]],
      ["three", "Identity", "float32", []],
    ],
  );
});

test("written files state operator set 18 and IR version 8", () => {
  const model = parseModel(encodeModel(variedGraph()));
  assert.deepEqual(
    [model.irVersion, model.opsetImport.map(({ domain, version }) => [domain, version])],
    [8n, [["", 18n]]],
  );
});

test("metadata is replaced and nothing else", () => {
  const bytes = encodeModel(variedGraph(), { metadata: { old: "gone" } });
  assert.deepEqual(readMetadata(bytes), { old: "gone" });
  const replaced = replaceMetadata(bytes, { "fulcrum.x": "{}" });
  assert.deepEqual(readMetadata(replaced), { "fulcrum.x": "{}" });
  assert.deepEqual(replaceMetadata(replaced, { old: "gone" }), bytes);
});

test("fields that are newer than the project are kept when metadata is replaced", () => {
  // Field 1000 of ModelProto, a varint: ONNX has none of this number.
  const unknownField = [0xc0, 0x3e, 0x2a];
  const bytes = Uint8Array.of(...encodeModel(variedGraph()), ...unknownField);
  const replaced = replaceMetadata(bytes, { a: "b" });
  assert.ok(Buffer.from(replaced).includes(Buffer.from(unknownField)));
});

test("bytes that are no model are refused", () => {
  for (const bytes of [Uint8Array.of(), Uint8Array.of(255, 1, 2), Buffer.from("<html>")]) {
    assert.throws(() => readMetadata(bytes), { code: "ENGINE_MODEL_UNREADABLE" });
  }
});

test("a file that was read into a Buffer is decoded as any other bytes", () => {
  const bytes = encodeModel(variedGraph());
  const buffer = Buffer.concat([Buffer.from("x"), bytes]).subarray(1);
  assert.deepEqual(encodeModel(decodeModel(buffer).graph), encodeModel(decodeModel(bytes).graph));
});

/** The varied graph's file, changed as another writer may have written it. */
function foreign(change: (model: ModelProto) => unknown): Uint8Array {
  const model = parseModel(encodeModel(variedGraph()));
  change(model);
  return renderModel(model);
}

test("files of other writers are read: no node names, typed tensor fields, Constant nodes, initializers as inputs", () => {
  const bytes = foreign(({ graph }) => {
    const { node, initializer, input } = graph!;
    for (const each of node) each.name = "";
    const index = initializer.find(({ name }) => name === "index")!;
    index.rawData = new Uint8Array();
    index.int32Data = [1, 0];
    input.push({ ...input[0]!, name: "conv.weight" });
    const [weights] = initializer.splice(
      initializer.findIndex(({ name }) => name === "mean"),
      1,
    );
    node.unshift(
      create(NodeProtoSchema, { opType: "Constant", output: ["mean"], attribute: [{ name: "value", t: weights! }] }),
    );
  });
  const { graph } = decodeModel(bytes);
  assert.deepEqual(
    graph.inputs.map(({ name }) => name),
    ["photo"],
  );
  const nodes = topologicalOrder(graph.outputs.map(({ value }) => value));
  const index = nodes.find(({ name }) => name === "index");
  assert.ok(index?.op === "Constant");
  assert.deepEqual(index.data, Int32Array.of(1, 0));
  assert.ok(nodes.some(({ name, op }) => name === "mean" && op === "Constant"));
});

test("axes that operator set 13 has as an attribute are read", () => {
  const b = new GraphBuilder();
  b.output("mean", b.reduceMean(b.input("x", "float32", ["N", 3, 4]), [2], { keepDims: false }));
  const model = parseModel(encodeModel(b.build("mean")));
  Object.assign(model.opsetImport[0]!, { version: 13n });
  const [node] = model.graph!.node;
  node!.input.splice(1);
  node!.attribute.push(
    create(AttributeProtoSchema, { name: "axes", type: AttributeProto_AttributeType.INTS, ints: [-1n] }),
  );
  const [output] = decodeModel(renderModel(model)).graph.outputs;
  assert.deepEqual(output!.value.shape, ["N", 3]);
});

/** What the file holds, and what the error says about it. */
const refused: readonly (readonly [string, (model: ModelProto) => unknown, RegExp])[] = [
  [
    "another operator set",
    (model) => Object.assign(model.opsetImport[0]!, { version: 12n }),
    /operator set 12, only 13 to 18 are read/,
  ],
  ["an unknown operation", ({ graph }) => Object.assign(graph!.node[0]!, { opType: "Resize" }), /operation Resize/],
  [
    "an operation of another domain",
    ({ graph }) => Object.assign(graph!.node[0]!, { domain: "com.microsoft" }),
    /operation com.microsoft.Cast/,
  ],
  ["several results", ({ graph }) => graph!.node[0]!.output.push("more"), /\(Cast\) with 2 results/],
  [
    "a value that nothing computes",
    ({ graph }) => graph!.node[0]!.input.splice(0, 1, "nothing"),
    /value nothing is used by node/,
  ],
  [
    "an unknown attribute",
    ({ graph }) => Object.assign(graph!.node[0]!.attribute[0]!, { name: "saturate" }),
    /attribute saturate of node/,
  ],
  [
    "a type that the engine has not",
    ({ graph }) => Object.assign(graph!.initializer[0]!, { dataType: TensorProto_DataType.BFLOAT16 }),
    /of data type 16/,
  ],
  [
    "a tensor cut short",
    ({ graph }) => Object.assign(graph!.initializer[0]!, { rawData: new Uint8Array(4) }),
    /cut short/,
  ],
  [
    "an illegal node",
    ({ graph }) => Object.assign(graph!.node[1]!.attribute[0]!, { ints: [0n, 0n, 0n, 0n] }),
    /perm 0,0,0,0 is not an order/,
  ],
];

for (const [name, change, message] of refused) {
  test(`decoding refuses ${name}`, () => {
    assert.throws(
      () => decodeModel(foreign(change)),
      (error) => isFulcrumError(error, "ENGINE_MODEL_UNSUPPORTED") && message.test(error.message),
    );
  });
}
