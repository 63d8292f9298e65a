/** Which layers of a base are trained, and where its frozen part ends. Pure. */
import type { Candidate } from "../config/candidate.ts";
import { FulcrumError } from "../errors/index.ts";
import { type Layer, type Network, type SplitNetwork, splitNetwork } from "../layers/index.ts";

export interface UnfrozenNetwork extends SplitNetwork {
  /** Layers whose weights are trained, in the network's order. */
  readonly trainable: ReadonlySet<string>;
  /** Those of them that normalise by the batch. */
  readonly batchStatistics: ReadonlySet<string>;
}

/** Layers that have weights that can be trained. */
const weighted: ReadonlySet<Layer["type"]> = new Set([
  "Conv2D",
  "DepthwiseConv2D",
  "SeparableConv2D",
  "Dense",
  "BatchNormalization",
  "PReLU",
]);

/**
 * The last `layers` layers as Keras counts them, or those that match a name (`NETWORK/name`: of this network only); null
 * where nothing of this base is chosen.
 * @throws TRAIN_LAYERS_UNKNOWN where names match nothing in any of the networks
 */
export function unfreezeNetworks(
  networks: readonly Network[],
  choice: Candidate["unfreeze"],
): readonly (UnfrozenNetwork | null)[] {
  const unfrozen = networks.map((network) => unfreezeNetwork(network, choice));
  for (const pattern of choice.names) {
    const matches = matcher(pattern);
    if (networks.some((network) => network.layers.some((layer) => matches(network, layer)))) continue;
    const known = networks.map(
      ({ name, layers }) =>
        `${name}: ... ${layers
          .slice(-8)
          .map((layer) => layer.name)
          .join(", ")}`,
    );
    throw new FulcrumError("TRAIN_LAYERS_UNKNOWN", { pattern, known: known.join("; ") });
  }
  return unfrozen;
}

function unfreezeNetwork(
  network: Network,
  { layers: count, names, batchNorm }: Candidate["unfreeze"],
): UnfrozenNetwork | null {
  const { layers } = network;
  const matchers = names.map(matcher);
  const isChosen = (layer: Layer, index: number) =>
    index >= layers.length - count || matchers.some((matches) => matches(network, layer));
  const chosen = layers.filter((layer, index) => layer.type !== "Input" && isChosen(layer, index));
  const trained = chosen.filter(
    ({ type }) => weighted.has(type) && (type !== "BatchNormalization" || batchNorm !== "frozen"),
  );
  if (trained.length === 0) return null;
  const first = Math.max(1, layers.indexOf(chosen[0]!));
  const norms = trained.filter(({ type }) => type === "BatchNormalization");
  return {
    ...splitNetwork(network, first),
    trainable: new Set(trained.map(({ name }) => name)),
    batchStatistics: new Set(batchNorm === "training" ? norms.map(({ name }) => name) : []),
  };
}

/** `*` stands for any text; NETWORK/LAYER means a layer of one network. */
function matcher(pattern: string): (network: Network, layer: Layer) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`);
  const mayNameNetwork = pattern.includes("/");
  return (network, layer) =>
    expression.test(layer.name) || (mayNameNetwork && expression.test(`${network.name}/${layer.name}`));
}
