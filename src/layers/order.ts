/**
 * The order in which Keras lists a model's layers (`model.layers`), which "the last k layers" counts by: by depth,
 * the longest way to an output, and among equals by first visit on the way back from the outputs
 * (keras.src.engine.functional._map_graph_network, 2.14; the same in 3). Pure.
 */
import type { Layer, Network } from "./layer.ts";

/** The same network with its layers in Keras' order. Layers that no output needs are left out, as Keras does. */
export function inKerasOrder(network: Network): Network {
  const byName = new Map(network.layers.map((layer) => [layer.name, layer]));
  const { visited, finished } = traverse(network, byName);
  const depths = new Map<string, number>();
  for (const name of finished.toReversed()) {
    const depth = depths.get(name) ?? 0;
    depths.set(name, depth);
    for (const input of byName.get(name)!.inputs) depths.set(input, Math.max(depth + 1, depths.get(input) ?? 0));
  }
  const visits = new Map(visited.map((name, index) => [name, index]));
  const layers = finished
    .toSorted((a, b) => depths.get(b)! - depths.get(a)! || visits.get(a)! - visits.get(b)!)
    .map((name) => byName.get(name)!);
  return { ...network, layers };
}

/** Depth-first from the outputs, without recursion: names by first visit, and by when all their inputs were done. */
function traverse(
  { outputs }: Network,
  byName: ReadonlyMap<string, Layer>,
): { visited: readonly string[]; finished: readonly string[] } {
  const visited = new Set<string>();
  const finished: string[] = [];
  for (const output of outputs) {
    if (visited.has(output)) continue;
    visited.add(output);
    const path = [{ name: output, next: 0 }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const input = byName.get(top.name)!.inputs[top.next++];
      if (input === undefined) {
        finished.push(top.name);
        path.pop();
      } else if (!visited.has(input)) {
        visited.add(input);
        path.push({ name: input, next: 0 });
      }
    }
  }
  return { visited: [...visited], finished };
}
