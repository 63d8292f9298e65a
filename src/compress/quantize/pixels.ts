/**
 * A photo that enters as uint8 is quantised already: what a graph does to bring pixels to the base's scale (cast,
 * subtract, divide by numbers) only changes scale and zero point. (x - 127) / 128 is scale 1/128, zero point 127.
 */
import type { Node, OperationNode } from "../../engine/graph/index.ts";
import type { Integers, QuantizedValues } from "./values.ts";

/** The integers of a value that is integers times a number plus a number; null for any other. */
export function pixelIntegers(node: OperationNode, values: QuantizedValues): Integers | null {
  const [x, other] = node.inputs;
  if (node.op === "Cast" && x!.dtype === "uint8" && node.dtype === "float32") {
    return { node: values.real(x!), scale: 1, zeroPoint: 0 };
  }
  const integers = x ? values.existingIntegers(x) : undefined;
  if (!integers || !isScalar(other)) return null;
  const { node: pixels, scale, zeroPoint } = integers;
  const changed = affine(node.op, Number(other.data[0]), scale, zeroPoint);
  return changed && isUsable(changed) ? { node: pixels, ...changed } : null;
}

function affine(op: string, value: number, scale: number, zeroPoint: number) {
  if (op === "Sub") return { scale, zeroPoint: zeroPoint + value / scale };
  if (op === "Add") return { scale, zeroPoint: zeroPoint - value / scale };
  if (op === "Mul") return { scale: scale * value, zeroPoint };
  if (op === "Div") return { scale: scale / value, zeroPoint };
  return null;
}

/** Near a whole number it is one: the constants have 24 bits. */
function isUsable(params: { scale: number; zeroPoint: number }): boolean {
  const whole = Math.round(params.zeroPoint);
  if (Math.abs(params.zeroPoint - whole) < 1e-3) params.zeroPoint = whole;
  return params.scale > 0 && params.zeroPoint >= 0 && params.zeroPoint <= 255;
}

function isScalar(node: Node | null | undefined): node is Extract<Node, { op: "Constant" }> {
  return node?.op === "Constant" && node.data.length === 1;
}
