/** Parts of networks: the frozen front and the tail that is trained, a network up to a layer. Pure. */
import type { Layer, Network } from "./layer.ts";

export interface SplitNetwork {
  /** What comes before the tail; its outputs are the boundary. */
  readonly front: Network;
  /** The tail; the boundary's layers are its inputs, under their names. */
  readonly tail: Network;
  /** Layers of the front that the tail reads. */
  readonly boundary: readonly string[];
}

/**
 * Splits a network before the layer with this index of its list.
 * @param first 1 .. number of layers: the front has at least the input
 */
export function splitNetwork(network: Network, first: number): SplitNetwork {
  const before = network.layers.slice(0, first);
  const after = network.layers.slice(first);
  const inFront = new Set(before.map(({ name }) => name));
  const read = [...after.flatMap(({ inputs }) => inputs), ...network.outputs];
  const boundary = [...new Set(read.filter((name) => inFront.has(name)))];
  const inputs = boundary.map((name): Layer => ({ type: "Input", name, inputs: [], shape: null }));
  const needed = upTo({ ...network, layers: before, outputs: boundary });
  return {
    front: { ...needed, name: `${network.name}-front` },
    tail: { name: `${network.name}-tail`, layers: [...inputs, ...after], outputs: network.outputs },
    boundary,
  };
}

/** The network that ends at the layers given: only what they need. */
export function upToLayers(network: Network, outputs: readonly string[]): Network {
  return upTo({ ...network, outputs });
}

function upTo(network: Network): Network {
  const needed = new Set(network.outputs);
  for (const { name, inputs } of network.layers.toReversed()) {
    if (needed.has(name)) for (const input of inputs) needed.add(input);
  }
  return { ...network, layers: network.layers.filter(({ name }) => needed.has(name)) };
}

/** Names of the network's inputs. */
export function inputNames(network: Network): readonly string[] {
  return network.layers.filter(({ type }) => type === "Input").map(({ name }) => name);
}
