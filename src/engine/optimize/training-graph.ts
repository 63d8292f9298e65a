/** The graph of one training step: loss, the gradient of each parameter, and what else the caller wants to see. Pure. */
import { gradients } from "../autodiff/index.ts";
import type { Graph, GraphBuilder, InputNode, Node } from "../graph/index.ts";

export interface TrainingGoal {
  /** Float scalar that training makes small. */
  readonly loss: Node;
  /** float32 inputs that the optimizer changes. Their dimensions are numbers. */
  readonly parameters: readonly InputNode[];
  /** Further results by name, such as logits. */
  readonly results?: Readonly<Record<string, Node>>;
}

/** Name of the output that holds a parameter's gradient. */
export function gradientName(parameter: string): string {
  return `gradient/${parameter}`;
}

/**
 * Finishes a builder's graph as a training step with the outputs "loss", `gradientName(...)` a parameter, and the
 * goal's results.
 * @throws ENGINE_NO_GRADIENT, ENGINE_GRAPH_INVALID
 */
export function buildTrainingGraph(
  b: GraphBuilder,
  name: string,
  { loss, parameters, results = {} }: TrainingGoal,
): Graph {
  const grads = gradients(b, loss, parameters);
  b.output("loss", loss);
  parameters.forEach((parameter, i) => {
    b.output(gradientName(parameter.name), grads[i]!);
  });
  for (const [result, value] of Object.entries(results)) b.output(result, value);
  return b.build(name);
}
