/**
 * A graph with float weights to one with int8 weights and uint8 activations, in the form that ONNX Runtime fuses into
 * integer kernels (QDQ): a layer reads dequantised integers and its result is quantised. Weights are symmetric with a
 * scale a channel, biases int32. ReLU and clips disappear where the range of what follows saturates in the same place;
 * layout, padding and max pooling move integers; a photo that enters as uint8 is used as it is. Pure.
 */
import { type Graph, GraphBuilder, type Node, type OperationNode, topologicalOrder } from "../../engine/graph/index.ts";
import { countUsers } from "../rewrite.ts";
import { DenseEmitter } from "./layers.ts";
import { moveIntegers, movesIntegers } from "./moves.ts";
import type { WeightBits } from "./parameters.ts";
import { pixelIntegers } from "./pixels.ts";
import { QuantizedValues, type RangeOf } from "./values.ts";

export interface QuantizeOptions {
  /** Range of a node's values; asked for exactly the nodes that are quantised. */
  readonly rangeOf: RangeOf;
  readonly weightBits: WeightBits;
  /** Names of layers that stay in float. */
  readonly keepFloat: ReadonlySet<string>;
}

/** Layers with weights. */
export function isLayer(node: Node): node is OperationNode {
  if (node.op !== "Conv" && node.op !== "Gemm" && node.op !== "MatMul") return false;
  const [, weight, bias] = node.inputs;
  const isConstant = weight!.op === "Constant" && (!bias || bias.op === "Constant");
  if (node.op === "Conv") return isConstant;
  const isPlainGemm = node.op === "MatMul" || (node.attributes.alpha === 1 && node.attributes.transA === 0);
  return isConstant && isPlainGemm && weight!.shape.length === 2 && node.shape.length === 2;
}

/** The layers with weights, in order. */
export function layersOf(graph: Graph): readonly OperationNode[] {
  return topologicalOrder(graph.outputs.map(({ value }) => value)).filter(isLayer);
}

/** @param graph simplified; see simplifyGraph */
export function quantizeGraph(graph: Graph, options: QuantizeOptions): Graph {
  const order = topologicalOrder(graph.outputs.map(({ value }) => value));
  const b = new GraphBuilder([...graph.inputs, ...order].map(({ name }) => name));
  const values = new QuantizedValues(b, options.rangeOf);
  const emitter = new Emitter(graph, b, values, options);
  for (const input of graph.inputs) values.setReal(input, b.input(input.name, input.dtype, input.shape));
  for (const node of order) {
    if (node.op === "Constant") values.setReal(node, b.constant(node.name, node.dtype, node.shape, node.data));
    else if (node.op !== "Input") emitter.emit(node);
  }
  for (const { name, value } of graph.outputs) b.output(name, values.real(value));
  return b.build(graph.name);
}

class Emitter {
  readonly #b: GraphBuilder;
  readonly #values: QuantizedValues;
  readonly #dense: DenseEmitter;
  readonly #keepFloat: ReadonlySet<string>;
  readonly #onlyUser: (node: Node) => OperationNode | null;
  /** Results of integer kernels that an activation will quantise. */
  readonly #awaiting = new Set<Node>();

  constructor(graph: Graph, b: GraphBuilder, values: QuantizedValues, { weightBits, keepFloat }: QuantizeOptions) {
    this.#b = b;
    this.#values = values;
    this.#dense = new DenseEmitter(b, values, weightBits);
    this.#keepFloat = keepFloat;
    this.#onlyUser = onlyUsers(graph);
  }

  emit(node: OperationNode): void {
    const values = this.#values;
    const pixels = pixelIntegers(node, values);
    if (pixels) values.setIntegers(node, pixels);
    else if (this.#awaiting.has(node.inputs[0]!) && isActivation(node))
      this.#quantizeResult(node, values.real(node.inputs[0]!));
    else if (isLayer(node) && !this.#keepFloat.has(node.name)) this.#emitLayer(node);
    else if (isSum(node) || node.op === "GlobalAveragePool") this.#emitArithmetic(node);
    else if (movesIntegers(node, values)) values.setIntegers(node, moveIntegers(node, this.#b, values));
    else this.#emitFloat(node);
  }

  #emitLayer(node: OperationNode): void {
    const result = this.#dense.emit(node);
    // A matrix product gives real values as well as integers; a convolution is only fast if it gives integers.
    if (node.op === "Conv") this.#settle(node, result);
    else this.#values.setReal(node, result);
  }

  #emitArithmetic(node: OperationNode): void {
    const inputs = node.inputs.map((input) => this.#values.dequantize(this.#values.asIntegers(input!)));
    this.#settle(node, this.#b.apply(node.op, inputs, node.attributes, node.name));
  }

  #emitFloat(node: OperationNode): void {
    const inputs = node.inputs.map((input) => (input === null ? null : this.#values.real(input)));
    this.#values.setReal(node, this.#b.apply(node.op, inputs, node.attributes, node.name));
  }

  /** Quantises a result, or leaves that to the activation which is its only user. */
  #settle(node: OperationNode, result: Node): void {
    const user = this.#onlyUser(node);
    if (user && isActivation(user)) {
      this.#awaiting.add(node);
      this.#values.setReal(node, result);
    } else this.#quantizeResult(node, result);
  }

  /** From here on the value exists as integers; who wants it real gets it dequantised. */
  #quantizeResult(node: OperationNode, real: Node): void {
    this.#values.setIntegers(node, this.#values.quantize(real, node));
  }
}

/**
 * ReLU, or a clip with 0 between its bounds: a range that was observed behind it lies within its bounds, so that
 * quantising with this range saturates where it clips.
 */
function isActivation(node: OperationNode): boolean {
  if (node.op === "Relu") return true;
  if (node.op !== "Clip") return false;
  const [low, high] = node.inputs.slice(1).map((bound) => (bound?.op === "Constant" ? Number(bound.data[0]) : null));
  return (low ?? 0) <= 0 && (high ?? 0) >= 0;
}

/** A shortcut: two computed pictures of the same shape. */
function isSum(node: OperationNode): boolean {
  const [a, c] = node.inputs;
  const areComputed = (one: Node | null | undefined): boolean => !!one && one.op !== "Constant" && one.op !== "Input";
  return (
    node.op === "Add" &&
    node.shape.length === 4 &&
    areComputed(a) &&
    areComputed(c) &&
    String(a!.shape) === String(c!.shape)
  );
}

/** The one operation that uses a node; null if there are others, or it is an output. */
function onlyUsers(graph: Graph): (node: Node) => OperationNode | null {
  const count = countUsers(graph);
  const last = new Map<Node, OperationNode>();
  for (const node of topologicalOrder(graph.outputs.map(({ value }) => value))) {
    if (node.op === "Input" || node.op === "Constant") continue;
    for (const input of node.inputs) if (input) last.set(input, node);
  }
  return (node) => (count(node) === 1 ? (last.get(node) ?? null) : null);
}
