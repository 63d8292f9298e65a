/**
 * GraphBuilder: makes graphs node by node. Every call is checked against the specification at once, so an error
 * appears at the line that causes it. One method an operation; `apply` is the general form behind them.
 */
import type { OpName } from "./names.ts";
import type { Attributes, ConstantNode, Graph, GraphOutput, InputNode, Node, OperationNode } from "./node.ts";
import { opSpecs } from "./ops/index.ts";
import type { Shape } from "./shape.ts";
import { checkCall } from "./spec.ts";
import { type DataType, type TensorData, tensorDataFrom } from "./tensor.ts";
import { invalid, verifyGraph, verifyNode } from "./verify.ts";

/** A name for the node; without one it is called after its operation and a counter. */
export interface Named {
  readonly name?: string;
}

export interface ConvOptions extends Named {
  /** Rows, columns. Default [1, 1]. */
  readonly strides?: readonly number[];
  /** Top, left, bottom, right. Default [0, 0, 0, 0]. */
  readonly pads?: readonly number[];
  /** Rows, columns. Default [1, 1]. */
  readonly dilations?: readonly number[];
  /** The number of channels makes a convolution depthwise. Default 1. */
  readonly group?: number;
}

export interface PoolOptions extends Named {
  /** Rows, columns of the window. */
  readonly kernel: readonly number[];
  /** Rows, columns. Default [1, 1]. */
  readonly strides?: readonly number[];
  /** Top, left, bottom, right; never part of a result. Default [0, 0, 0, 0]. */
  readonly pads?: readonly number[];
}

export interface GemmOptions extends Named {
  readonly alpha?: number;
  readonly beta?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

export interface ReduceOptions extends Named {
  /** Keep reduced axes as dimensions of 1. Default true. */
  readonly keepDims?: boolean;
}

/** Operations of one float input and no option, and of two inputs that broadcast. */
type Unary =
  | "Identity"
  | "Neg"
  | "Exp"
  | "Log"
  | "Sqrt"
  | "Relu"
  | "Sigmoid"
  | "Tanh"
  | "Erf"
  | "GlobalAveragePool"
  | "Shape"
  | "Size";
type Binary = "Add" | "Sub" | "Mul" | "Div" | "Greater" | "Less" | "Equal" | "MatMul";
type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax";

export class GraphBuilder {
  readonly #names = new Set<string>();
  readonly #inputs: InputNode[] = [];
  readonly #outputs: GraphOutput[] = [];
  readonly #shared = new Map<string, ConstantNode>();
  #counter = 0;
  readonly #reserved: ReadonlySet<string>;

  /** @param reserved names that are kept for nodes that ask for them: no name is made up that is among them */
  constructor(reserved: Iterable<string> = []) {
    this.#reserved = new Set(reserved);
  }

  // ---- the ends of a graph

  /** A value that the caller feeds. A dimension may be a symbol, such as "N" for the batch. */
  input(name: string, dtype: DataType, dims: Shape): InputNode {
    const node: InputNode = { op: "Input", name: this.#claim("Input", name), dtype, shape: [...dims] };
    verifyNode(node);
    this.#inputs.push(node);
    return node;
  }

  /** A value held by the graph, row-major. The array is not copied. */
  constant(name: string, dtype: DataType, dims: readonly number[], data: TensorData | readonly number[]): ConstantNode {
    const held = Array.isArray(data) ? tensorDataFrom(dtype, data) : (data as TensorData);
    const node: ConstantNode = {
      op: "Constant",
      name: this.#claim("Constant", name),
      dtype,
      shape: [...dims],
      data: held,
    };
    verifyNode(node);
    return node;
  }

  /** A constant without dimensions; equal ones are shared. */
  scalar(value: number, dtype: DataType = "float32"): ConstantNode {
    return this.#sharedConstant(dtype, [], [value]);
  }

  /** An int64 vector, as axes and shapes are given; equal ones are shared. */
  integers(values: readonly number[]): ConstantNode {
    return this.#sharedConstant("int64", [values.length], values);
  }

  /** Makes a value a result of the graph. */
  output(name: string, value: Node): void {
    this.#outputs.push({ name, value });
  }

  /**
   * The finished graph, verified.
   * @throws FulcrumError ENGINE_GRAPH_INVALID
   */
  build(name: string): Graph {
    const graph: Graph = { name, inputs: [...this.#inputs], outputs: [...this.#outputs] };
    verifyGraph(graph);
    return graph;
  }

  // ---- operations

  /**
   * Any operation, with inputs and attributes as ONNX has them; null leaves an optional input out.
   * @throws FulcrumError ENGINE_GRAPH_INVALID
   */
  apply(op: OpName, inputs: readonly (Node | null)[], attributes: Attributes = {}, name?: string): OperationNode {
    const chosen = this.#claim(op, name);
    const trimmed = inputs.slice(0, inputs.findLastIndex((input) => input !== null) + 1);
    const fail = (problem: string): never => invalid({ name: chosen, op }, problem);
    const checked = checkCall(opSpecs[op], { inputs: trimmed, attributes, fail });
    return { op, name: chosen, inputs: trimmed, attributes: checked.attributes, ...checked.type };
  }

  identity = this.#unary("Identity");
  neg = this.#unary("Neg");
  exp = this.#unary("Exp");
  /** Natural logarithm. */
  log = this.#unary("Log");
  sqrt = this.#unary("Sqrt");
  relu = this.#unary("Relu");
  sigmoid = this.#unary("Sigmoid");
  tanh = this.#unary("Tanh");
  /** The error function. */
  erf = this.#unary("Erf");
  /** Mean over rows and columns: [N,C,H,W] to [N,C,1,1]. */
  globalAveragePool = this.#unary("GlobalAveragePool");
  /** Dimensions as an int64 vector. */
  shape = this.#unary("Shape");
  /** Number of elements as an int64 scalar. */
  size = this.#unary("Size");
  add = this.#binary("Add");
  sub = this.#binary("Sub");
  mul = this.#binary("Mul");
  div = this.#binary("Div");
  greater = this.#binary("Greater");
  less = this.#binary("Less");
  equal = this.#binary("Equal");
  /** Product over the last two dimensions; the ones before broadcast. */
  matMul = this.#binary("MatMul");
  /** Over the given axes; null stands for all. */
  reduceSum = this.#reduction("ReduceSum");
  reduceMean = this.#reduction("ReduceMean");
  reduceMax = this.#reduction("ReduceMax");

  cast(x: Node, to: DataType, { name }: Named = {}): Node {
    return this.apply("Cast", [x], { to }, name);
  }

  /** Limits values to low..high; ReLU6 is clip(x, 0, 6). */
  clip(x: Node, low: number | null, high: number | null, { name }: Named = {}): Node {
    const bound = (value: number | null): Node | null => (value === null ? null : this.scalar(value, x.dtype));
    return this.apply("Clip", [x, bound(low), bound(high)], {}, name);
  }

  /** `whenTrue` where the bool condition holds, else `whenFalse`. */
  where(condition: Node, whenTrue: Node, whenFalse: Node, { name }: Named = {}): Node {
    return this.apply("Where", [condition, whenTrue, whenFalse], {}, name);
  }

  softmax(x: Node, axis = -1, { name }: Named = {}): Node {
    return this.apply("Softmax", [x], { axis }, name);
  }

  /** Logarithm of the softmax, computed stably. */
  logSoftmax(x: Node, axis = -1, { name }: Named = {}): Node {
    return this.apply("LogSoftmax", [x], { axis }, name);
  }

  /** x [N,C,H,W], weight [M,C/group,kH,kW], bias [M] or null, to [N,M,H',W']. */
  conv(x: Node, weight: Node, bias: Node | null, { name, ...attributes }: ConvOptions = {}): Node {
    return this.apply("Conv", [x, weight, bias], attributes, name);
  }

  /** Mean of each window: [N,C,H,W] to [N,C,H',W']. */
  averagePool(x: Node, { name, kernel, ...attributes }: PoolOptions): Node {
    return this.apply("AveragePool", [x], { kernel_shape: kernel, ...attributes }, name);
  }

  /** Largest value of each window: [N,C,H,W] to [N,C,H',W']. */
  maxPool(x: Node, { name, kernel, ...attributes }: PoolOptions): Node {
    return this.apply("MaxPool", [x], { kernel_shape: kernel, ...attributes }, name);
  }

  /** (x - mean) / sqrt(variance + epsilon) * scale + bias, a value of each of the four vectors a channel (axis 1). */
  batchNormalization(
    x: Node,
    parameters: { scale: Node; bias: Node; mean: Node; variance: Node; epsilon: number },
    { name }: Named = {},
  ): Node {
    const { scale, bias, mean, variance, epsilon } = parameters;
    return this.apply("BatchNormalization", [x, scale, bias, mean, variance], { epsilon }, name);
  }

  /** alpha * a * b + beta * c for matrices, either transposed first if asked; c broadcasts, or is null. */
  gemm(a: Node, b: Node, c: Node | null = null, options: GemmOptions = {}): Node {
    const { name, alpha = 1, beta = 1, transA = false, transB = false } = options;
    return this.apply("Gemm", [a, b, c], { alpha, beta, transA: Number(transA), transB: Number(transB) }, name);
  }

  transpose(x: Node, perm: readonly number[], { name }: Named = {}): Node {
    return this.apply("Transpose", [x], { perm }, name);
  }

  /** To the dimensions given (0 keeps the input's, one -1 is computed), or to the shape that an int64 node tells. */
  reshape(x: Node, dims: readonly number[] | Node, { name }: Named = {}): Node {
    return this.apply("Reshape", [x, this.#shapeNode(dims)], {}, name);
  }

  /** To a matrix: axes before `axis` become rows, the others columns. */
  flatten(x: Node, axis = 1, { name }: Named = {}): Node {
    return this.apply("Flatten", [x], { axis }, name);
  }

  squeeze(x: Node, axes: readonly number[], { name }: Named = {}): Node {
    return this.apply("Squeeze", [x, this.integers(axes)], {}, name);
  }

  unsqueeze(x: Node, axes: readonly number[], { name }: Named = {}): Node {
    return this.apply("Unsqueeze", [x, this.integers(axes)], {}, name);
  }

  /** Broadcasts to the dimensions given, or to the shape that an int64 node tells. */
  expand(x: Node, dims: readonly number[] | Node, { name }: Named = {}): Node {
    return this.apply("Expand", [x, this.#shapeNode(dims)], {}, name);
  }

  concat(parts: readonly Node[], axis: number, { name }: Named = {}): Node {
    return this.apply("Concat", parts, { axis }, name);
  }

  /** Pads with `value`; `pads` holds the begins of all axes, then the ends. */
  pad(x: Node, pads: readonly number[], value = 0, { name }: Named = {}): Node {
    return this.apply("Pad", [x, this.integers(pads), this.scalar(value, x.dtype)], {}, name);
  }

  /** From `starts` to before `ends` on the axes named; negatives count from the end. Default steps: 1. */
  slice(
    x: Node,
    window: { axes: readonly number[]; starts: readonly number[]; ends: readonly number[]; steps?: readonly number[] },
    { name }: Named = {},
  ): Node {
    const { axes, starts, ends, steps } = window;
    const given = [starts, ends, axes, steps ?? axes.map(() => 1)].map((values) => this.integers(values));
    return this.apply("Slice", [x, ...given], {}, name);
  }

  /** Entries of an axis by int32 or int64 index. */
  gather(x: Node, indices: Node, axis = 0, { name }: Named = {}): Node {
    return this.apply("Gather", [x, indices], { axis }, name);
  }

  /** Real values to integers: saturate(round(x / scale) + zero point), halves to even; scale and zero point constants. */
  quantizeLinear(x: Node, scale: Node, zeroPoint: Node, { name }: Named = {}): Node {
    return this.apply("QuantizeLinear", [x, scale, zeroPoint], {}, name);
  }

  /** Integers to real values: scale * (x - zero point); vectors hold a value for each index of `axis`. */
  dequantizeLinear(x: Node, scale: Node, zeroPoint: Node, { name, axis = 1 }: Named & { axis?: number } = {}): Node {
    return this.apply("DequantizeLinear", [x, scale, zeroPoint], { axis }, name);
  }

  // ---- what the methods above are made of

  #unary(op: Unary): (x: Node, options?: Named) => Node {
    return (x, { name } = {}) => this.apply(op, [x], {}, name);
  }

  #binary(op: Binary): (a: Node, b: Node, options?: Named) => Node {
    return (a, b, { name } = {}) => this.apply(op, [a, b], {}, name);
  }

  #reduction(op: Reduction): (x: Node, axes: readonly number[] | null, options?: ReduceOptions) => Node {
    return (x, axes, { name, keepDims = true } = {}) => {
      const inputs = axes === null ? [x] : [x, this.integers(axes)];
      return this.apply(op, inputs, { keepdims: Number(keepDims) }, name);
    };
  }

  #shapeNode(dims: readonly number[] | Node): Node {
    return "op" in dims ? dims : this.integers(dims);
  }

  #sharedConstant(dtype: DataType, dims: readonly number[], values: readonly number[]): ConstantNode {
    const key = `${dtype}[${dims.join()}]:${values.map((value) => (Object.is(value, -0) ? "-0" : value)).join()}`;
    const existing = this.#shared.get(key);
    if (existing) return existing;
    const node = this.constant(this.#freeName("Constant"), dtype, dims, values);
    this.#shared.set(key, node);
    return node;
  }

  /** Takes a name for a new node. */
  #claim(op: string, asked: string | undefined): string {
    const name = asked ?? this.#freeName(op);
    if (name === "") invalid({ name, op }, "its name is empty");
    if (this.#names.has(name)) invalid({ name, op }, "another node has this name");
    this.#names.add(name);
    return name;
  }

  #freeName(op: string): string {
    do this.#counter++;
    while (this.#names.has(`${op}_${this.#counter}`) || this.#reserved.has(`${op}_${this.#counter}`));
    return `${op}_${this.#counter}`;
  }
}
