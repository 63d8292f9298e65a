/**
 * A model file's graph as a network of layers, so that it can be trained further: what `fulcrum import` and training
 * write, with BatchNormalization folded. An operation is a layer; its name is the node's. Pure.
 */
import { type Graph, isOperation, type Node, type OperationNode, topologicalOrder } from "../engine/graph/index.ts";
import { type Layer, type LayerKind, linear, type Network, relu, type Weight, type Weights } from "../layers/index.ts";
import { refused } from "./graph.ts";

export interface GraphNetwork {
  readonly network: Network;
  readonly weights: Weights;
}

/** Operations between the photo and the network: the pixel scale, which training puts there anew. */
const ofPixels: ReadonlySet<string> = new Set(["Transpose", "Cast", "Sub", "Div"]);

type Kind = LayerKind & { readonly values?: Readonly<Record<string, Weight>> };

/** @throws IMPORT_REFUSED naming the node of an operation that no layer does */
export function layersOfGraph(path: string, graph: Graph): GraphNetwork {
  if (graph.inputs.length !== 1)
    throw refused(path, `it takes ${graph.inputs.length} inputs, one photo is what a base gets`);
  const layers: Layer[] = [];
  const weights = new Map<string, Weight>();
  const names = new Map<Node, string>();
  const pixels = new Set<Node>(graph.inputs);
  const nodes = topologicalOrder(graph.outputs.map(({ value }) => value)).filter(isOperation);
  const nameOf = (node: Node) => node.name.replace(`${graph.name}/`, "");
  const input: Layer = { type: "Input", name: graph.inputs[0]!.name, inputs: [], shape: sidesOf(graph) };
  layers.push(input);
  for (const node of nodes) {
    if (ofPixels.has(node.op) && pixels.has(node.inputs[0]!)) {
      pixels.add(node);
      names.set(node, input.name);
      continue;
    }
    const kind = kindOf(node);
    if (kind === null) throw refused(path, `no layer does what ${node.name} (${node.op}) does`);
    const reads = node.inputs.flatMap((read) => (read && names.has(read) ? [names.get(read)!] : []));
    const { values = {}, ...layer } = kind;
    const padded = addPadding(layers, node, reads);
    layers.push({ ...layer, name: nameOf(node), inputs: padded });
    names.set(node, nameOf(node));
    for (const [weight, value] of Object.entries(values)) weights.set(`${nameOf(node)}/${weight}`, value);
  }
  const outputs = graph.outputs.map(({ value }) => names.get(value) ?? input.name);
  return { network: { name: graph.name, layers, outputs }, weights };
}

function sidesOf({ inputs }: Graph): readonly (number | null)[] {
  return inputs[0]!.shape.slice(1).map((side) => (typeof side === "number" ? side : null));
}

/** A convolution's own padding as a layer before it. @returns what the convolution reads then */
function addPadding(layers: Layer[], node: OperationNode, reads: readonly string[]): readonly string[] {
  const pads = node.op === "Conv" ? (node.attributes.pads as readonly number[]) : [];
  if (pads.every((pad) => pad === 0)) return reads;
  const name = `${node.name}/padding`;
  const [top, left, bottom, right] = pads as [number, number, number, number];
  layers.push({ type: "ZeroPadding2D", amounts: [top, left, bottom, right], name, inputs: reads });
  return [name];
}

/** What stands for a zero that ONNX Runtime shall not take for padding of a pool (layers/lower/picture.ts). */
const asGoodAsZero = 1e-37;

/** null: no layer does this. */
function kindOf(node: OperationNode): Kind | null {
  switch (node.op) {
    case "Conv":
      return convolution(node);
    case "Gemm":
      return dense(node);
    case "Clip":
      return clip(node);
    case "Relu":
      return { type: "Activation", activation: relu };
    case "Sigmoid":
      return { type: "Activation", activation: { kind: "sigmoid" } };
    case "Softmax":
      return { type: "Softmax", axis: -1 };
    case "GlobalAveragePool":
      return { type: "GlobalAveragePooling2D", keepDims: true };
    case "Flatten":
      // Of a picture of one pixel: of a larger one Keras' order of values is another.
      return node.inputs[0]!.shape.slice(2).every((side) => side === 1) ? { type: "Flatten" } : null;
    case "MaxPool":
      return pooling(node, "MaxPooling2D");
    case "AveragePool":
      return pooling(node, "AveragePooling2D");
    case "Pad":
      return padding(node);
    case "Concat":
      return { type: "Concatenate", axis: node.shape.length - 1 };
    case "Add":
      return node.inputs.some((each) => each!.op === "Constant") ? rescaling(node, "offset") : { type: "Add" };
    case "Mul":
      return node.inputs.some((each) => each!.op === "Constant") ? rescaling(node, "scale") : { type: "Multiply" };
    default:
      return null;
  }
}

function constantOf(node: Node | null | undefined): Weight | null {
  return node?.op === "Constant" && node.data instanceof Float32Array ? { shape: node.shape, data: node.data } : null;
}

function convolution({ inputs, attributes }: OperationNode): Kind | null {
  const [kernel, bias] = [constantOf(inputs[1]), constantOf(inputs[2])];
  if (kernel === null || (inputs[2] && bias === null)) return null;
  const [filters, perGroup, rows, columns] = kernel.shape as [number, number, number, number];
  const pair = (name: string) => attributes[name] as unknown as readonly [number, number];
  const common = {
    kernel: [rows, columns],
    strides: pair("strides"),
    dilation: pair("dilations"),
    padding: "valid",
    useBias: bias !== null,
    activation: linear,
  } as const;
  const values = bias === null ? {} : { bias };
  const groups = Number(attributes.group);
  const channels = Number(inputs[0]!.shape[1]);
  if (groups === channels && perGroup === 1 && channels > 1) {
    const multiplier = filters / channels;
    return { type: "DepthwiseConv2D", multiplier, ...common, values: { depthwise_kernel: kernel, ...values } };
  }
  return { type: "Conv2D", filters, groups, ...common, values: { kernel, ...values } };
}

function dense({ inputs, attributes: { alpha, beta, transA, transB } }: OperationNode): Kind | null {
  const [kernel, bias] = [constantOf(inputs[1]), constantOf(inputs[2])];
  if (kernel === null || (inputs[2] && bias === null)) return null;
  if (alpha !== 1 || beta !== 1 || transA !== 0 || transB !== 0) return null;
  const values = bias === null ? { kernel } : { kernel, bias };
  return { type: "Dense", units: kernel.shape[1]!, useBias: bias !== null, activation: linear, values };
}

function clip({ inputs }: OperationNode): Kind | null {
  const [least, most] = [constantOf(inputs[1]), constantOf(inputs[2])];
  if (least?.data[0] !== 0 || most === null) return null;
  return { type: "Activation", activation: { kind: "relu", maxValue: most.data[0]!, negativeSlope: 0, threshold: 0 } };
}

function pooling({ attributes }: OperationNode, type: "MaxPooling2D" | "AveragePooling2D"): Kind | null {
  const list = (name: string) => attributes[name] as readonly number[];
  if (list("pads").some((pad) => pad !== 0)) return null;
  const [size, strides] = [list("kernel_shape"), list("strides")] as unknown as (readonly [number, number])[];
  return { type, size: size!, strides: strides!, padding: "valid" };
}

function padding({ inputs, attributes }: OperationNode): Kind | null {
  const [amounts, value] = [inputs[1], constantOf(inputs[2])];
  if (
    attributes.mode !== "constant" ||
    amounts?.op !== "Constant" ||
    (value && Math.abs(value.data[0]!) > asGoodAsZero)
  )
    return null;
  const pads = Array.from(amounts.data, Number);
  if ([0, 1, 4, 5].some((place) => pads[place] !== 0)) return null;
  return { type: "ZeroPadding2D", amounts: [pads[2]!, pads[3]!, pads[6]!, pads[7]!] };
}

/** Times or plus a value a channel, or one for all. */
function rescaling({ inputs }: OperationNode, part: "scale" | "offset"): Kind | null {
  const constant = inputs.map(constantOf).find((each) => each !== null);
  const isByChannel = constant?.shape.every((side, i, { length }) => side === 1 || i === length - 3);
  if (!constant || !isByChannel) return null;
  const values = Array.from(constant.data);
  const neutral = values.map(() => (part === "scale" ? 0 : 1));
  return part === "scale"
    ? { type: "Rescaling", scale: values, offset: neutral }
    : { type: "Rescaling", scale: neutral, offset: values };
}
