/** Graph -> ONNX ModelProto bytes. The bytes depend on the graph and the metadata only. Pure. */
import { create } from "@bufbuild/protobuf";
import {
  type Attribute,
  attributeKind,
  type DataType,
  type Dim,
  type Graph,
  inputsOf,
  isOperation,
  type Node,
  type OperationNode,
  type ValueType,
  verifyGraph,
} from "../graph/index.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.ts";
import { renderModel } from "./proto.ts";
import { encodeTensor } from "./tensor.ts";
import { irVersion, onnxTypes, opsetVersion } from "./types.ts";

const textEncoder = new TextEncoder();

export interface EncodeOptions {
  /** Goes into metadata_props, in the given order. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Encodes a graph as an ONNX file. A result that is computed carries the output's name; its node keeps its own.
 * @throws ENGINE_GRAPH_INVALID
 */
export function encodeModel(graph: Graph, { metadata = {} }: EncodeOptions = {}): Uint8Array {
  const order = verifyGraph(graph);
  const names = outputNames(graph);
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: "fulcrum",
    opsetImport: [{ domain: "", version: opsetVersion }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: [...order.filter(isOperation).map((node) => encodeNode(node, names)), ...renamingNodes(graph, names)],
      initializer: order.filter((node) => node.op === "Constant").map(encodeTensor),
      input: graph.inputs.map((node) => valueInfo(node.name, node)),
      output: graph.outputs.map(({ name, value }) => valueInfo(name, value)),
    }),
  });
  return renderModel(model);
}

/** Operation nodes that are an output carry its name; constants, inputs and second names need an Identity. */
function outputNames(graph: Graph): ReadonlyMap<Node, string> {
  const names = new Map<Node, string>();
  for (const { name, value } of graph.outputs) if (isOperation(value) && !names.has(value)) names.set(value, name);
  return names;
}

function renamingNodes(graph: Graph, names: ReadonlyMap<Node, string>): NodeProto[] {
  return graph.outputs.flatMap(({ name, value }) => {
    const source = names.get(value) ?? value.name;
    return source === name
      ? []
      : [create(NodeProtoSchema, { opType: "Identity", name, input: [source], output: [name] })];
  });
}

function encodeNode(node: OperationNode, names: ReadonlyMap<Node, string>): NodeProto {
  const inputs = inputsOf(node).map((input) => (input === null ? "" : (names.get(input) ?? input.name)));
  while (inputs.at(-1) === "") inputs.pop();
  return create(NodeProtoSchema, {
    opType: node.op,
    name: node.name,
    input: inputs,
    output: [names.get(node) ?? node.name],
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(node, name, value)),
  });
}

function encodeAttribute(node: OperationNode, name: string, value: Attribute): AttributeProto {
  switch (attributeKind(node.op, name)!) {
    case "ints":
      return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: (value as number[]).map(BigInt) });
    case "string":
      return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: textEncoder.encode(String(value)) });
    case "float":
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: Number(value) });
    case "dtype": {
      const type = onnxTypes[value as DataType];
      return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(type) });
    }
    case "int":
      return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value as number) });
  }
}

function valueInfo(name: string, { dtype, shape }: ValueType): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: onnxTypes[dtype],
          shape: create(TensorShapeProtoSchema, { dim: shape.map(encodeDim) }),
        },
      },
    },
  });
}

function encodeDim(dim: Dim): TensorShapeProto_Dimension {
  return create(TensorShapeProto_DimensionSchema, {
    value: typeof dim === "number" ? { case: "dimValue", value: BigInt(dim) } : { case: "dimParam", value: dim },
  });
}
