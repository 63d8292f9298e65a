/** Layers with weights in QDQ form: dequantised integers in, dequantised int8 weights and int32 bias. */
import type { ConstantNode, GraphBuilder, Node, OperationNode } from "../../engine/graph/index.ts";
import { quantizeBias, quantizeWeights, smallestWeightScale, type WeightBits } from "./parameters.ts";
import type { Integers, QuantizedValues } from "./values.ts";

export class DenseEmitter {
  readonly #b: GraphBuilder;
  readonly #values: QuantizedValues;
  readonly #bits: WeightBits;

  constructor(b: GraphBuilder, values: QuantizedValues, bits: WeightBits) {
    this.#b = b;
    this.#values = values;
    this.#bits = bits;
  }

  /** The layer's real result. */
  emit(node: OperationNode): Node {
    const [input, weight, bias] = node.inputs as [Node, ConstantNode, ConstantNode | null | undefined];
    const { layout, axis } = weightLayout(node, weight);
    const { integers, offset } = this.#input(node, input);
    const shift = offset === 0 ? null : tapSums(weight, layout).map((sum) => offset * sum);
    const biases = bias || shift ? channelBiases(node, bias, shift, layout.channels) : null;
    const b = this.#b;
    const smallest = Array.from({ length: layout.channels }, (_, i) =>
      smallestWeightScale(biases?.[i] ?? 0, integers.scale),
    );
    const weights = quantizeWeights(weight.data as Float32Array, layout.channelOf, smallest, this.#bits);
    const name = (part: string) => `${node.name}/${part}`;
    const dequantizedWeight = b.dequantizeLinear(
      b.constant(name("weight.int8"), "int8", weight.shape, weights.integers),
      b.constant(name("weight.scale"), "float32", [layout.channels], weights.scales),
      b.constant(name("weight.zero"), "int8", [layout.channels], new Int8Array(layout.channels)),
      { axis },
    );
    let dequantizedBias: Node | null = null;
    if (biases) {
      const quantized = quantizeBias(biases, integers.scale, weights.scales);
      dequantizedBias = b.dequantizeLinear(
        b.constant(name("bias.int32"), "int32", [layout.channels], quantized.integers),
        b.constant(name("bias.scale"), "float32", [layout.channels], quantized.scales),
        b.constant(name("bias.zero"), "int32", [layout.channels], new Int32Array(layout.channels)),
        { axis: 0 },
      );
    }
    const inputs = [this.#values.dequantize(integers), dequantizedWeight, dequantizedBias];
    // The bias holds Gemm's beta already.
    const attributes = node.op === "Gemm" ? { ...node.attributes, beta: 1 } : node.attributes;
    return b.apply(node.op, node.op === "MatMul" ? inputs.slice(0, 2) : inputs, attributes, node.name);
  }

  /**
   * The input's integers. Photos may have a fraction as zero point (127.5): the nearest whole one is used, and the
   * constant difference of all values goes through the layer as a bias. (At zero-padded borders it is not there: half
   * a grey level.)
   */
  #input(node: OperationNode, input: Node): { integers: Integers; offset: number } {
    const existing = this.#values.existingIntegers(input);
    if (!existing || Number.isInteger(existing.zeroPoint) || node.op !== "Conv") {
      return { integers: this.#values.asIntegers(input), offset: 0 };
    }
    const zeroPoint = Math.round(existing.zeroPoint);
    return { integers: { ...existing, zeroPoint }, offset: -existing.scale * (existing.zeroPoint - zeroPoint) };
  }
}

interface WeightLayout {
  readonly channels: number;
  /** Output channel of the i-th weight. */
  readonly channelOf: (index: number) => number;
}

/** Convolutions and transposed Gemms hold output channels first, other products last. */
function weightLayout(node: OperationNode, weight: ConstantNode): { layout: WeightLayout; axis: number } {
  const isFirst = node.op === "Conv" || (node.op === "Gemm" && node.attributes.transB === 1);
  if (!isFirst) {
    const channels = weight.shape[1]!;
    return { layout: { channels, channelOf: (index) => index % channels }, axis: 1 };
  }
  const channels = weight.shape[0]!;
  const rowSize = weight.data.length / channels;
  return { layout: { channels, channelOf: (index) => Math.floor(index / rowSize) }, axis: 0 };
}

function channelBiases(
  node: OperationNode,
  bias: ConstantNode | null | undefined,
  shift: readonly number[] | null,
  channels: number,
): readonly number[] {
  const factor = node.op === "Gemm" ? (node.attributes.beta as number) : 1;
  const given = bias ? Array.from(bias.data, Number) : [0];
  return Array.from(
    { length: channels },
    (_, i) => factor * (given.length === 1 ? given[0]! : given[i]!) + (shift?.[i] ?? 0),
  );
}

/** Sum of each output channel's weights: what a constant input gives. */
function tapSums({ data }: ConstantNode, { channels, channelOf }: WeightLayout): number[] {
  const sums = new Array<number>(channels).fill(0);
  for (let i = 0; i < data.length; i++) sums[channelOf(i)]! += Number(data[i]);
  return sums;
}
