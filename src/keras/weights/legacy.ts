/**
 * Weights in the older HDF5 layout (`.h5` of Keras 2 and 3): a group for each layer with its weights' names in the
 * attribute `weight_names`; a nested model's weights are all in its one group. Pure.
 */
import type { Weight } from "../../layers/index.ts";
import type { Container } from "../reader/read-container.ts";

export interface NamedTensor {
  /** What stands before the weight in the tensor's name: the layer, at times behind names of models. */
  readonly layer: string;
  readonly weight: string;
  readonly tensor: Weight;
}

/** For each layer of the top level, its tensors in Keras' order; null if the file is not laid out so. */
export function legacyGroups({ attributes, tensors }: Container): ReadonlyMap<string, readonly NamedTensor[]> | null {
  const root = attributes.model_weights ? "model_weights" : "";
  const layers = nameList(attributes[root] ?? {}, "layer_names");
  if (layers === null) return null;
  const inRoot = (path: string) => (root === "" ? path : `${root}/${path}`);
  return new Map(
    layers.map((layer) => {
      const names = nameList(attributes[inRoot(layer)] ?? {}, "weight_names") ?? [];
      return [layer, names.flatMap((name) => namedTensor(name, tensors.get(inRoot(`${layer}/${name}`)), layer))];
    }),
  );
}

/** Nothing for a listed name without a tensor: counters are whole numbers; what is needed is missed when it is used. */
function namedTensor(name: string, tensor: Weight | undefined, layer: string): NamedTensor[] {
  const parts = name.replace(/:\d+$/, "").split("/");
  return tensor ? [{ layer: parts.slice(0, -1).join("/") || layer, weight: parts.at(-1)!, tensor }] : [];
}

/** Index of a layer's tensor; a layer's name may itself hold slashes (`conv1/bn` in DenseNet). -1 for none. */
export function findNamed(
  entries: readonly NamedTensor[],
  layer: string,
  weights: readonly (string | undefined)[],
): number {
  const exact = entries.findIndex((entry) => entry.layer === layer && weights.includes(entry.weight));
  if (exact >= 0) return exact;
  return entries.findIndex((entry) => entry.layer.endsWith(`/${layer}`) && weights.includes(entry.weight));
}

/** A list of names, which Keras cuts into `NAME0`, `NAME1` ... where it is too long for one attribute. */
function nameList(attributes: Readonly<Record<string, string | readonly string[]>>, key: string): string[] | null {
  const whole = attributes[key];
  if (whole !== undefined) return [whole].flat().map(trimmed);
  const parts: string[] = [];
  for (let i = 0; attributes[`${key}${i}`] !== undefined; i++) parts.push(...[attributes[`${key}${i}`]!].flat());
  return parts.length > 0 ? parts.map(trimmed) : null;
}

/** Fixed-length strings are padded with nulls. */
function trimmed(name: string): string {
  const end = name.indexOf("\0");
  return end < 0 ? name : name.slice(0, end);
}
