/**
 * From pictures [N,C,H,W] and convolutions, in which networks are written, to pictures [N,H,W,C] and matrix products,
 * in which they train fast on stock kernels: a 1 x 1 convolution, its two gradients included, is then one Gemm each.
 * A scale and a shift a channel behind a convolution go into its weights, and are differentiated through there.
 */
import {
  type GraphBuilder,
  inputsOf,
  isOperation,
  type Node,
  type OperationNode,
  topologicalOrder,
} from "../graph/index.ts";
import { callOf, constantIntegers, listAttribute, numberAttribute, textAttribute } from "../graph/spec.ts";
import { type Convolution, lowerConvolution } from "./convolution.ts";

/** A value on its way: as it was, as a picture with channels last, or a convolution that may still take something in. */
type Value =
  | { readonly form: "plain"; readonly node: Node }
  | { readonly form: "picture"; readonly node: Node }
  | { readonly form: "convolution"; readonly convolution: Convolution };

const toLast = [0, 2, 3, 1];
const toFirst = [0, 3, 1, 2];

const elementwise: ReadonlySet<string> = new Set(
  ["Identity", "Neg", "Exp", "Log", "Sqrt", "Relu", "Clip", "Sigmoid", "Tanh", "Erf"].concat([
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Greater",
    "Less",
    "Equal",
    "Where",
  ]),
);

/**
 * Nodes with the values and shapes of `outputs`, computed with channels last. Only what depends on the graph's inputs
 * of four dimensions changes; operations that are not known here are computed as they were.
 * @throws ENGINE_NO_GRADIENT for a convolution in groups that is not depthwise
 */
export function channelsLast(b: GraphBuilder, outputs: readonly Node[]): Node[] {
  const rewriter = new Rewriter(b, outputs);
  return outputs.map((output) => rewriter.plain(output));
}

class Rewriter {
  readonly #b: GraphBuilder;
  readonly #values = new Map<Node, Value>();
  readonly #readers = new Map<Node, number>();

  constructor(b: GraphBuilder, outputs: readonly Node[]) {
    this.#b = b;
    const order = topologicalOrder(outputs);
    for (const node of [...order.flatMap((each) => inputsOf(each)), ...outputs]) {
      if (node !== null) this.#readers.set(node, (this.#readers.get(node) ?? 0) + 1);
    }
    for (const node of order) this.#values.set(node, isOperation(node) ? this.#rewrite(node) : { form: "plain", node });
  }

  /** The value in the layout that it had. */
  plain(node: Node): Node {
    const value = this.#values.get(node)!;
    return value.form === "plain" ? value.node : this.#b.transpose(this.#picture(node), toFirst);
  }

  /** A picture with channels last. */
  #picture(node: Node): Node {
    const value = this.#values.get(node)!;
    if (value.form === "picture") return value.node;
    const made =
      value.form === "plain" ? moveChannels(this.#b, value.node) : lowerConvolution(this.#b, value.convolution);
    this.#values.set(node, { form: "picture", node: made });
    return made;
  }

  #isPicture(node: Node | null): boolean {
    return node !== null && this.#values.get(node)!.form !== "plain";
  }

  #rewrite(node: OperationNode): Value {
    if (node.op === "Conv") return { form: "convolution", convolution: this.#convolution(node) };
    if (isFromLast(node)) return { form: "picture", node: this.plain(node.inputs[0]!) };
    if (node.shape.length !== 4 || !node.inputs.some((input) => this.#isPicture(input))) return this.#asItWas(node);
    if (node.op === "Mul" || node.op === "Add") {
      const absorbed = this.#absorb(node);
      if (absorbed) return { form: "convolution", convolution: absorbed };
    }
    if (elementwise.has(node.op))
      return this.#apply(
        node,
        node.inputs.map((input) => this.#operand(input)),
      );
    if (node.op === "GlobalAveragePool") return this.#reduce("ReduceMean", node, [1, 2]);
    if (node.op === "ReduceMean" || node.op === "ReduceSum") return this.#reduction(node);
    if (node.op === "Pad") return this.#pad(node);
    if (node.op === "Concat") return this.#concat(node);
    return this.#asItWas(node);
  }

  #asItWas(node: OperationNode): Value {
    const inputs = node.inputs.map((input) => (input === null ? null : this.plain(input)));
    if (inputs.every((input, i) => input === node.inputs[i])) return { form: "plain", node };
    return { form: "plain", node: this.#b.apply(node.op, inputs, node.attributes) };
  }

  #apply(node: OperationNode, inputs: readonly (Node | null)[]): Value {
    return { form: "picture", node: this.#b.apply(node.op, inputs, node.attributes) };
  }

  /** An input of an elementwise operation on pictures, so that it broadcasts with channels last. */
  #operand(node: Node | null): Node | null {
    if (node === null || node.shape.length === 0) return node;
    if (node.shape.length === 4) return this.#picture(node);
    const wide = this.#b.reshape(this.plain(node), [
      ...new Array<number>(4 - node.shape.length).fill(1),
      ...dims(node),
    ]);
    return moveChannels(this.#b, wide);
  }

  #convolution(node: OperationNode): Convolution {
    const [x, weight, bias] = node.inputs;
    return {
      node,
      x: this.#picture(x!),
      weight: this.plain(weight!),
      bias: bias ? this.plain(bias) : null,
      pads: listAttribute(node, "pads")!,
      strides: listAttribute(node, "strides")!,
      dilations: listAttribute(node, "dilations")!,
      groups: numberAttribute(node, "group"),
    };
  }

  /** A convolution that has taken in the factor or the summand a channel behind it; null where that does not work. */
  #absorb(node: OperationNode): Convolution | null {
    const at = node.inputs.findIndex((input) => this.#values.get(input!)!.form === "convolution");
    if (at < 0) return null;
    const source = node.inputs[at]!;
    const other = node.inputs[1 - at]!;
    if (this.#readers.get(source) !== 1 || this.#isPicture(other)) return null;
    const value = this.#values.get(source)!;
    const { convolution } = value as Extract<Value, { form: "convolution" }>;
    const channels = node.shape[1] as number;
    const isChannelwise =
      other.shape.at(-3) === channels && other.shape.every((dim, i) => dim === 1 || i === other.shape.length - 3);
    if (!isChannelwise) return null;
    const b = this.#b;
    const vector = b.reshape(this.plain(other), [channels]);
    const { weight, bias } = convolution;
    if (node.op === "Add") return { ...convolution, bias: bias ? b.add(bias, vector) : vector };
    const scaled = b.mul(weight, b.reshape(vector, [channels, 1, 1, 1]));
    return { ...convolution, weight: scaled, bias: bias ? b.mul(bias, vector) : null };
  }

  #reduction(node: OperationNode): Value {
    const keeps = numberAttribute(node, "keepdims") === 1;
    if (!node.inputs[1] || !keeps) return this.#asItWas(node);
    const axes = constantIntegers(callOf(node), 1, "axes").map((axis) => toLast.indexOf(axis < 0 ? axis + 4 : axis));
    return this.#reduce(node.op as "ReduceMean", node, axes.sort());
  }

  #reduce(op: "ReduceMean" | "ReduceSum", node: OperationNode, axes: readonly number[]): Value {
    const x = this.#picture(node.inputs[0]!);
    return { form: "picture", node: op === "ReduceMean" ? this.#b.reduceMean(x, axes) : this.#b.reduceSum(x, axes) };
  }

  #pad(node: OperationNode): Value {
    if (textAttribute(node, "mode") !== "constant") return this.#asItWas(node);
    const pads = constantIntegers(callOf(node), 1, "pads");
    const moved = [...toLast.map((axis) => pads[axis]!), ...toLast.map((axis) => pads[axis + 4]!)];
    const value = node.inputs[2] ?? null;
    return this.#apply(node, [this.#picture(node.inputs[0]!), this.#b.integers(moved), value]);
  }

  #concat(node: OperationNode): Value {
    const axis = numberAttribute(node, "axis");
    const parts = node.inputs.map((input) => this.#picture(input!));
    return { form: "picture", node: this.#b.concat(parts, toLast.indexOf(axis < 0 ? axis + 4 : axis)) };
  }
}

/** A picture [N,C,H,W] as [N,H,W,C], other values as they are. */
export function toChannelsLast(b: GraphBuilder, x: Node): Node {
  return x.shape.length === 4 ? b.transpose(x, toLast) : x;
}

/** A picture [N,H,W,C] as [N,C,H,W], other values as they are; `channelsLast` reads the picture itself. */
export function toChannelsFirst(b: GraphBuilder, x: Node): Node {
  return x.shape.length === 4 ? b.transpose(x, toFirst) : x;
}

/** Whether a node only moves a picture's channels from last to first. */
function isFromLast(node: OperationNode): boolean {
  return node.op === "Transpose" && listAttribute(node, "perm")?.join() === toFirst.join();
}

/** [N,C,H,W] to [N,H,W,C]; a vector of channels is only reshaped. */
function moveChannels(b: GraphBuilder, x: Node): Node {
  const [n, c, h, w] = x.shape;
  if (n === 1 && h === 1 && w === 1) return b.reshape(x, [1, 1, 1, c as number]);
  return b.transpose(x, toLast);
}

function dims(node: Node): number[] {
  return node.shape.map((dim) => (typeof dim === "number" ? dim : 0));
}
