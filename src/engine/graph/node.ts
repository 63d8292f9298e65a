/**
 * The IR. A graph is a set of nodes that point to their inputs; every operation has one output, so a node is also
 * the value that it computes. Nodes are made by GraphBuilder and never changed afterwards.
 */
import type { OpName } from "./names.ts";
import type { Shape } from "./shape.ts";
import type { DataType, TensorData } from "./tensor.ts";

export type Attribute = number | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** Data type and shape of a value. */
export interface ValueType {
  readonly dtype: DataType;
  readonly shape: Shape;
}

interface NodeBase extends ValueType {
  /** Unique within its graph; also the name of the value in ONNX. */
  readonly name: string;
}

/** A value fed by the caller of the graph. */
export interface InputNode extends NodeBase {
  readonly op: "Input";
}

/** A value that is part of the graph, such as a weight. */
export interface ConstantNode extends NodeBase {
  readonly op: "Constant";
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A value computed from others. */
export interface OperationNode extends NodeBase {
  readonly op: OpName;
  /** In ONNX's order; null stands for an optional input that is left out. */
  readonly inputs: readonly (Node | null)[];
  /** All attributes that the operation has a value for: defaults are filled in when the node is made. */
  readonly attributes: Attributes;
}

export type Node = InputNode | ConstantNode | OperationNode;

/** A named result of a graph. */
export interface GraphOutput {
  readonly name: string;
  readonly value: Node;
}

/** A finished, verified graph. Its nodes are what the outputs reach; inputs that nothing uses are kept. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly InputNode[];
  readonly outputs: readonly GraphOutput[];
}

/** Inputs of a node; none for graph inputs and constants. */
export function inputsOf(node: Node): readonly (Node | null)[] {
  return node.op === "Input" || node.op === "Constant" ? [] : node.inputs;
}

/** True for a node that computes something. */
export function isOperation(node: Node): node is OperationNode {
  return node.op !== "Input" && node.op !== "Constant";
}
