/** Operations that only move values: done on the integers, without rounding and without a detour over float. */
import type { GraphBuilder, Node, OperationNode } from "../../engine/graph/index.ts";
import type { Integers, QuantizedValues } from "./values.ts";

/** Max pooling is among them: the order of integers is that of the values. */
const moves: ReadonlySet<string> = new Set([
  "Transpose",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Slice",
  "MaxPool",
]);

/** True for a move of integers that exist. */
export function movesIntegers(node: OperationNode, values: QuantizedValues): boolean {
  if (!values.existingIntegers(node.inputs[0]!)) return false;
  return moves.has(node.op) || isZeroPad(node);
}

/** The integers after the move; scale and zero point stay. */
export function moveIntegers(node: OperationNode, b: GraphBuilder, values: QuantizedValues): Integers {
  const [x, ...rest] = node.inputs;
  const integers = isZeroPad(node) ? values.asIntegers(x!) : values.existingIntegers(x!)!;
  const others = rest.map((input) => (input === null ? null : values.real(input)));
  const zero = b.scalar(integers.zeroPoint, "uint8");
  const inputs: (Node | null)[] = node.op === "Pad" ? [integers.node, others[0]!, zero] : [integers.node, ...others];
  return { ...integers, node: b.apply(node.op, inputs, node.attributes, node.name) };
}

function isZeroPad({ op, attributes, inputs }: OperationNode): boolean {
  const value = inputs[2];
  const isZero = !value || (value.op === "Constant" && Number(value.data[0]) === 0);
  return op === "Pad" && (attributes.mode !== "constant" || isZero);
}
