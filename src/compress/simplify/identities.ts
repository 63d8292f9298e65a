/** Rule: operations that change nothing are left out, neighbouring transposes become one. */
import { type Node, type OperationNode, sameShape } from "../../engine/graph/index.ts";
import type { RewriteRule } from "../rewrite.ts";

export const removeIdentities: RewriteRule = ({ b, node, inputs }) => {
  const x = inputs[0]!;
  if (node.op === "Transpose") return mergedTranspose(node, x);
  return changesNothing(node, x) ? x : null;

  function mergedTranspose({ attributes, name }: OperationNode, input: Node): Node | null {
    const outer = permutation(attributes.perm, input.shape.length);
    if (isIdentity(outer)) return input;
    if (input.op !== "Transpose") return null;
    const source = input.inputs[0]!;
    const inner = permutation(input.attributes.perm, source.shape.length);
    const perm = outer.map((axis) => inner[axis]!);
    return isIdentity(perm) ? source : b.transpose(source, perm, { name });
  }
};

function changesNothing(node: OperationNode, x: Node): boolean {
  switch (node.op) {
    case "Identity":
      return true;
    case "Cast":
      return node.dtype === x.dtype;
    case "Reshape":
    case "Flatten":
    case "Squeeze":
    case "Unsqueeze":
    case "Expand":
    case "Pad":
    case "Slice":
      // Slices that keep every length keep every value, unless they reverse.
      return sameShape(node.shape, x.shape) && !(node.op === "Slice" && reverses(node));
    case "Clip":
      return !node.inputs[1] && !node.inputs[2];
    default:
      return false;
  }
}

function reverses(node: OperationNode): boolean {
  const steps = node.inputs[4];
  return !!steps && !(steps.op === "Constant" && Array.from(steps.data, Number).every((step) => step > 0));
}

/** ONNX's default reverses the axes. */
function permutation(perm: unknown, rank: number): readonly number[] {
  return (perm as readonly number[] | undefined) ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

function isIdentity(perm: readonly number[]): boolean {
  return perm.every((axis, place) => axis === place);
}
