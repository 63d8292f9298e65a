/** Topological order of a graph, without recursion: a chain may be as long as memory allows. */
import { inputsOf, type Node } from "./node.ts";

/**
 * Every node that the roots reach, inputs before their users. The order depends on the graph only: roots from left
 * to right, depth first. On a cycle, which only a damaged graph can hold, `onCycle` is called with a node on it.
 */
export function topologicalOrder(roots: readonly Node[], onCycle?: (node: Node) => never): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  const stack: Node[] = [...roots].reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    if (state.get(node) === undefined) {
      state.set(node, "open");
      const inputs = inputsOf(node);
      for (let i = inputs.length - 1; i >= 0; i--) {
        const input = inputs[i]!;
        if (input === null || state.get(input) === "done") continue;
        if (state.get(input) === "open") onCycle?.(input);
        else stack.push(input);
      }
      continue;
    }
    stack.pop();
    if (state.get(node) === "done") continue;
    state.set(node, "done");
    order.push(node);
  }
  return order;
}
