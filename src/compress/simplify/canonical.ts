/** Rules: several ways to write a thing become the one that ONNX Runtime has its best kernel for. */
import type { ConstantNode, Node, OperationNode } from "../../engine/graph/index.ts";
import type { RewriteRule } from "../rewrite.ts";

/** A mean over rows and columns is a GlobalAveragePool, also behind the transpose to channels-last. */
export const meanToPool: RewriteRule = ({ b, node, inputs }) => {
  const [x, axesNode] = inputs;
  if (node.op !== "ReduceMean" || x!.shape.length !== 4 || axesNode?.op !== "Constant") return null;
  const axes = Array.from(axesNode.data, Number)
    .map((axis) => (axis + 4) % 4)
    .sort();
  const keep = node.attributes.keepdims === 1;
  const isChannelsLast = x!.op === "Transpose" && String(x!.attributes.perm) === "0,2,3,1";
  if (isChannelsLast && axes.join() === "1,2") {
    const pooled = b.flatten(b.globalAveragePool((x as { inputs: readonly Node[] }).inputs[0]!));
    return keep ? b.unsqueeze(pooled, [1, 2], { name: node.name }) : pooled;
  }
  if (axes.join() !== "2,3") return null;
  const pooled = b.globalAveragePool(x!);
  return keep ? pooled : b.flatten(pooled, 1, { name: node.name });
};

/** matrix constant + vector constant is a Gemm. */
export const matMulToGemm: RewriteRule = ({ b, node, inputs, userCount }) => {
  if (node.op !== "Add") return null;
  for (const [product, vector] of [inputs, inputs.toReversed()]) {
    const old = node.inputs[inputs.indexOf(product!)]!;
    if (product?.op !== "MatMul" || userCount(old) !== 1 || vector?.op !== "Constant") continue;
    const [a, matrix] = product.inputs;
    const isDense = a!.shape.length === 2 && matrix!.op === "Constant" && matrix!.shape.length === 2;
    const bias = asVector(vector);
    if (isDense && bias?.shape[0] === matrix!.shape[1]) {
      return b.gemm(a!, matrix!, b.constant(`${node.name}/bias`, bias!.dtype, bias!.shape, bias!.data), {
        name: node.name,
      });
    }
  }
  return null;
};

/** [C] or [1,C] as [C]. */
function asVector({ dtype, shape, data }: ConstantNode): Pick<ConstantNode, "dtype" | "shape" | "data"> | null {
  const isRow = shape.length === 1 || (shape.length === 2 && shape[0] === 1);
  return isRow ? { dtype, shape: [data.length], data } : null;
}

/** Next to nothing: the smallest normal number of float32. */
const almostZero = 2 ** -126;

/**
 * ONNX Runtime 1.30 joins a Pad of zeros with the MaxPool behind it, which pads with the lowest value (see
 * layers/lower/picture.ts): where other rules have left the two side by side, the padding becomes next to nothing.
 */
export const padApartFromPool: RewriteRule = ({ b, node, inputs }) => {
  const [x] = inputs;
  if (node.op !== "MaxPool" || x?.op !== "Pad" || x.dtype !== "float32" || !padsZeros(x)) return null;
  const pad = b.apply("Pad", [x.inputs[0]!, x.inputs[1]!, b.scalar(almostZero)], x.attributes);
  return b.apply("MaxPool", [pad], node.attributes, node.name);
};

function padsZeros({ attributes, inputs }: OperationNode): boolean {
  const value = inputs[2];
  if (attributes.mode !== undefined && attributes.mode !== "constant") return false;
  return !value || (value.op === "Constant" && Number(value.data[0]) === 0);
}

/** Zeros padded before a convolution become the convolution's own padding. */
export const padToConv: RewriteRule = ({ b, node, inputs }) => {
  const [x, weight, bias] = inputs;
  if (node.op !== "Conv" || x?.op !== "Pad") return null;
  const [source, padsNode] = x.inputs;
  if (!padsZeros(x) || padsNode!.op !== "Constant") return null;
  const added = Array.from(padsNode!.data, Number);
  if (added.some((pad, i) => pad < 0 || (i % 4 < 2 && pad !== 0))) return null;
  const own = node.attributes.pads as readonly number[];
  const pads = [own[0]! + added[2]!, own[1]! + added[3]!, own[2]! + added[6]!, own[3]! + added[7]!];
  return b.apply("Conv", [source!, weight!, bias ?? null], { ...node.attributes, pads }, node.name);
};
