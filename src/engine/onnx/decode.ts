/** ONNX ModelProto bytes -> graph, for models made of operations that the graph knows. Pure. */
import { FulcrumError, isFulcrumError } from "../../errors/index.ts";
import {
  type Attribute,
  type Attributes,
  attributeKind,
  type Dim,
  type Graph,
  GraphBuilder,
  isOpName,
  type Node,
  type OpName,
} from "../graph/index.ts";
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from "./onnx_pb.ts";
import { parseModel } from "./proto.ts";
import { decodeTensor } from "./tensor.ts";
import { dataTypeOf, oldestOpsetVersion, opsetVersion } from "./types.ts";
import { upgradeNode } from "./upgrade.ts";

/** What has been read so far. */
interface Reading {
  readonly b: GraphBuilder;
  /** By the value's name in the file. */
  readonly values: Map<string, Node>;
  /** Names that no further node may take: those of all values of the file, and of the nodes read so far. */
  readonly takenNames: Set<string>;
}

/**
 * Reads an ONNX file as a graph, verified. Shapes are inferred again; what the file says about values between is
 * not needed. A node whose name is free keeps it, otherwise it is called as its value.
 * @throws ENGINE_MODEL_UNREADABLE, ENGINE_MODEL_UNSUPPORTED (unknown operation, other operator set, illegal node)
 */
export function decodeModel(bytes: Uint8Array): { graph: Graph; metadata: Readonly<Record<string, string>> } {
  const model = parseModel(bytes);
  const opset = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version;
  if (opset === undefined || opset < oldestOpsetVersion || opset > opsetVersion) {
    unsupported(`operator set ${opset ?? "unknown"}, only ${oldestOpsetVersion} to ${opsetVersion} are read`);
  }
  const metadata = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
  try {
    return { graph: decodeGraph(model.graph!), metadata };
  } catch (cause) {
    if (!isFulcrumError(cause, "ENGINE_GRAPH_INVALID")) throw cause;
    throw new FulcrumError("ENGINE_MODEL_UNSUPPORTED", { problem: cause.message }, { cause });
  }
}

function decodeGraph(proto: GraphProto): Graph {
  const names = [...proto.input, ...proto.initializer].map(({ name }) => name);
  const takenNames = new Set([...names, ...proto.node.flatMap(({ output }) => output)]);
  // Shared constants that are made on the way stay clear of the file's names.
  const fileNames = [...takenNames, ...proto.node.map(({ name }) => name)];
  const reading: Reading = { b: new GraphBuilder(fileNames), values: new Map(), takenNames };
  for (const tensor of proto.initializer) decodeConstant(reading, tensor.name, tensor);
  for (const input of proto.input) {
    // Files of IR version 3 list initializers among the inputs too.
    if (!reading.values.has(input.name)) decodeInput(reading, input);
  }
  for (const node of proto.node) decodeNode(reading, node);
  for (const { name } of proto.output) reading.b.output(name, findValue(reading, name, "the graph's output"));
  return reading.b.build(proto.name);
}

function decodeConstant({ b, values }: Reading, name: string, tensor: TensorProto): void {
  const { dtype, dims, data } =
    decodeTensor(tensor) ?? unsupported(`tensor ${name} of data type ${tensor.dataType}, stored outside, or cut short`);
  values.set(name, b.constant(name, dtype, dims, data));
}

function decodeInput({ b, values }: Reading, { name, type }: ValueInfoProto): void {
  const tensor =
    type?.value.case === "tensorType" ? type.value.value : unsupported(`input ${name}, which is no tensor`);
  const dtype = dataTypeOf(tensor.elemType) ?? unsupported(`input ${name} of data type ${tensor.elemType}`);
  const dims = tensor.shape?.dim ?? unsupported(`input ${name}, whose shape is unknown`);
  const shape = dims.map(({ value }, axis): Dim => {
    if (value.case === "dimValue") return Number(value.value);
    return value.case === "dimParam" ? value.value : unsupported(`input ${name}, whose dimension ${axis} is unknown`);
  });
  values.set(name, b.input(name, dtype, shape));
}

function decodeNode(reading: Reading, proto: NodeProto): void {
  const { opType, domain, input, output } = proto;
  const label = `node ${proto.name || output[0] || "without a name"}`;
  const valueName = output[0];
  if (valueName === undefined || output.length > 1) unsupported(`${label} (${opType}) with ${output.length} results`);
  const constant = opType === "Constant" ? proto.attribute.find(({ name }) => name === "value")?.t : undefined;
  if (constant) {
    decodeConstant(reading, valueName, constant);
    return;
  }
  if (!isOpName(opType) || (domain !== "" && domain !== "ai.onnx")) {
    unsupported(`${label}, operation ${domain ? `${domain}.` : ""}${opType}`);
  }
  const given = input.map((name) => (name === "" ? null : findValue(reading, name, label)));
  const { inputs, attribute } = upgradeNode(reading.b, proto, given);
  const isFree = proto.name !== "" && !reading.takenNames.has(proto.name);
  const name = isFree ? proto.name : valueName;
  const node = reading.b.apply(opType, inputs, decodeAttributes(opType, { name: proto.name, attribute }), name);
  reading.takenNames.add(node.name);
  reading.values.set(valueName, node);
}

function findValue({ values }: Reading, name: string, user: string): Node {
  return values.get(name) ?? unsupported(`value ${name} is used by ${user} before anything computes it`);
}

function decodeAttributes(
  op: OpName,
  { name, attribute }: { readonly name: string; readonly attribute: readonly AttributeProto[] },
): Attributes {
  const decoded = attribute.map((proto): [string, Attribute] => [
    proto.name,
    decodeAttribute(op, proto) ?? unsupported(`attribute ${proto.name} of node ${name} (${op})`),
  ]);
  return Object.fromEntries(decoded);
}

function decodeAttribute(op: OpName, proto: AttributeProto): Attribute | null {
  switch (attributeKind(op, proto.name)) {
    case "int":
      return Number(proto.i);
    case "float":
      return proto.f;
    case "ints":
      return proto.ints.map(Number);
    case "string":
      return new TextDecoder().decode(proto.s);
    case "dtype":
      return dataTypeOf(Number(proto.i));
    case null:
      return null;
  }
}

function unsupported(problem: string): never {
  throw new FulcrumError("ENGINE_MODEL_UNSUPPORTED", { problem });
}
