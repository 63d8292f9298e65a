/** Nodes of operator sets 13 to 17 in the form of 18, for the operations that the graph knows. Pure. */
import type { GraphBuilder, Node } from "../graph/index.ts";
import type { AttributeProto, NodeProto } from "./onnx_pb.ts";

/** Since 18 these take their axes as an input; before, as an attribute. */
const axesBecameInput: ReadonlySet<string> = new Set(["ReduceMean", "ReduceMax"]);

/** Inputs and attributes as operator set 18 wants them. */
export function upgradeNode(
  b: GraphBuilder,
  { opType, attribute }: NodeProto,
  inputs: readonly (Node | null)[],
): { inputs: readonly (Node | null)[]; attribute: readonly AttributeProto[] } {
  const axes = axesBecameInput.has(opType) ? attribute.find(({ name }) => name === "axes") : undefined;
  if (!axes) return { inputs, attribute };
  return {
    inputs: [inputs[0] ?? null, b.integers(axes.ints.map(Number))],
    attribute: attribute.filter((one) => one !== axes),
  };
}
