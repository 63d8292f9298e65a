/** Layers of several inputs. */
import type { Node } from "../../engine/graph/index.ts";
import type { Layer, LayerOf } from "../layer.ts";
import { type LowerContext, refuse } from "./context.ts";

type Merge = LayerOf<"Add" | "Subtract" | "Multiply" | "Average" | "Maximum" | "Minimum">;

export function lowerMerge({ b }: LowerContext, layer: Merge, inputs: readonly Node[]): Node {
  if (layer.type === "Subtract" && inputs.length !== 2) refuse(layer, `it has ${inputs.length} inputs, not 2`);
  checkRanks(layer, inputs);
  const [first, ...others] = inputs as [Node, ...Node[]];
  const join = (combine: (left: Node, right: Node) => Node) => others.reduce(combine, first);
  switch (layer.type) {
    case "Add":
      return join((left, right) => b.add(left, right));
    case "Subtract":
      return join((left, right) => b.sub(left, right));
    case "Multiply":
      return join((left, right) => b.mul(left, right));
    case "Average":
      return b.div(
        join((left, right) => b.add(left, right)),
        b.scalar(inputs.length),
      );
    case "Maximum":
      return join((left, right) => b.where(b.greater(left, right), left, right));
    case "Minimum":
      return join((left, right) => b.where(b.less(left, right), left, right));
  }
}

/** The axis counts from 0 in Keras' layout, in which a picture's channels come last. */
export function lowerConcatenate({ b }: LowerContext, layer: LayerOf<"Concatenate">, inputs: readonly Node[]): Node {
  checkRanks(layer, inputs);
  const rank = inputs[0]!.shape.length;
  const axis = layer.axis < 0 ? layer.axis + rank : layer.axis;
  if (axis < 1 || axis >= rank) refuse(layer, `axis ${layer.axis} is outside of 1..${rank - 1}`);
  const here = rank === 4 ? [0, 2, 3, 1][axis]! : axis;
  return inputs.length === 1 ? inputs[0]! : b.concat(inputs, here);
}

/** Keras broadcasts from the right in its own layout; with unequal ranks that is another axis than here. */
function checkRanks(layer: Layer, inputs: readonly Node[]): void {
  const ranks = [...new Set(inputs.map(({ shape }) => shape.length))];
  if (ranks.length !== 1) refuse(layer, `its inputs have ${ranks.join(" and ")} dimensions`);
}
