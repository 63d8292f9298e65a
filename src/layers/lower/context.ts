/** What lowering a layer has at hand: the builder, weights as nodes, and the way to refuse. */
import type { GraphBuilder, InputNode, Node } from "../../engine/graph/index.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { Layer } from "../layer.ts";
import type { WeightSource } from "../weights.ts";

/** A weight that is trained: an input of the graph. */
export interface Parameter {
  readonly layer: string;
  /** Keras' name of the weight, such as `kernel`. */
  readonly weight: string;
  /** `LAYER/WEIGHT`, behind the prefix. */
  readonly node: InputNode;
  /** Its value to start from, in the engine's layout: the source's array, not a copy. */
  readonly value: Float32Array;
}

/** Mean and variance of a batch, for the moving statistics of a BatchNormalization layer in training mode. */
export interface BatchStatistics {
  readonly layer: string;
  readonly momentum: number;
  /** Float32 [channels]. */
  readonly mean: Node;
  /** Float32 [channels], divided by the number of values (biased). */
  readonly variance: Node;
  /** Values that they were taken over, for each photo: rows times columns. */
  readonly valuesPerPhoto: number;
}

export interface LowerContext {
  readonly b: GraphBuilder;
  /** Goes before the names of nodes. */
  readonly prefix: string;
  readonly weights: WeightSource;
  /** serving: folded and simplified; training: each layer by itself, and only with operations that have gradients. */
  readonly form: "serving" | "training";
  /** Layers whose weights are inputs of the graph. */
  readonly trainable: ReadonlySet<string>;
  /** BatchNormalization layers that use the batch's own statistics. */
  readonly batchStatistics: ReadonlySet<string>;
  readonly parameters: Parameter[];
  readonly statistics: BatchStatistics[];
}

/** A weight of a layer as a node: a constant, or an input where the layer is trained. */
export function weightNode(context: LowerContext, layer: Layer, weight: string, shape: readonly number[]): Node {
  const owner = layer.sharedWith ?? layer.name;
  const known = context.parameters.find((parameter) => parameter.layer === owner && parameter.weight === weight);
  if (known) return known.node;
  const { data } = context.weights(owner, weight, shape);
  const name = `${context.prefix}${layer.name}/${weight}`;
  if (!context.trainable.has(owner)) return context.b.constant(name, "float32", shape, data);
  const node = context.b.input(name, "float32", shape);
  context.parameters.push({ layer: owner, weight, node, value: data });
  return node;
}

/** Values of a layer's weight, where they are computed with while the graph is built. */
export function weightData(
  context: LowerContext,
  layer: Layer,
  weight: string,
  shape: readonly number[],
): Float32Array {
  return context.weights(layer.sharedWith ?? layer.name, weight, shape).data;
}

/** Refuses a layer. @throws LAYER_INVALID */
export function refuse({ name, type }: Pick<Layer, "name" | "type">, problem: string): never {
  throw new FulcrumError("LAYER_INVALID", { layer: name, type, problem });
}

/** Number of a value's channels: axis 1 of [N,C,H,W] and of [N,C]. */
export function channelsOf(layer: Layer, x: Node): number {
  const channels = x.shape[1];
  return typeof channels === "number" ? channels : refuse(layer, `the number of its input's channels is not known`);
}

/** Refuses an axis that is not Keras' last one, the channels. */
export function checkLastAxis(layer: Layer & { readonly axis: number }, x: Node): void {
  const rank = x.shape.length;
  if (layer.axis !== -1 && layer.axis !== rank - 1) refuse(layer, `axis ${layer.axis} is not the last of ${rank}`);
}

/** Refuses an input that is no picture. */
export function checkPicture(layer: Layer, x: Node): void {
  if (x.shape.length !== 4) refuse(layer, `its input has ${x.shape.length} dimensions, a picture has 4`);
}

/** Rows and columns of a picture. */
export function pictureSize(layer: Layer, x: Node): readonly [number, number] {
  checkPicture(layer, x);
  const [rows, columns] = [x.shape[2], x.shape[3]];
  if (typeof rows === "number" && typeof columns === "number") return [rows, columns];
  return refuse(layer, "the size of its picture is not known");
}

/** A vector with a value a channel as a constant that broadcasts over a value of this rank. */
export function channelConstant(
  { b, prefix }: LowerContext,
  name: string,
  values: readonly number[] | Float32Array,
  rank: number,
): Node {
  const shape = rank === 4 ? [values.length, 1, 1] : [values.length];
  return b.constant(prefix + name, "float32", shape, Float32Array.from(values));
}
