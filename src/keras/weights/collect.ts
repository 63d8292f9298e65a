/** Finds each layer's weights in a file, whichever of Keras' layouts it has, by `LAYER/WEIGHT` in the engine's layout. Pure. */
import { fromKerasLayout, type LayerKind, type Network, type Weight, type Weights } from "../../layers/index.ts";
import { KerasProblem } from "../config/problem.ts";
import type { LeafNode, ModelNode, TreeNode } from "../config/tree.ts";
import type { Container } from "../reader/read-container.ts";
import { findNamed, legacyGroups, type NamedTensor } from "./legacy.ts";
import { type WeightSlot, weightSlots } from "./slots.ts";
import { V3Groups } from "./v3.ts";

/** A layer of the tree with its name in the network and what it computes. */
export interface PlacedLeaf {
  readonly name: string;
  readonly kind: LayerKind;
}

export type PlacedLeaves = ReadonlyMap<LeafNode, PlacedLeaf>;

/** Weights of a file that holds a whole model. @throws KerasProblem */
export function modelWeights(container: Container, tree: ModelNode, placed: PlacedLeaves): Weights {
  const legacy = legacyGroups(container);
  const weights = new Map<string, Weight>();
  if (legacy) {
    for (const node of tree.layers) {
      const entries = [...(legacy.get(node.name) ?? [])];
      for (const leaf of leavesOf(node)) takeNamed(weights, placed.get(leaf), leaf, entries, node === leaf);
    }
    return weights;
  }
  const groups = V3Groups.root(container);
  if (groups) takeNumbered(weights, groups, tree, { placed, parent: null, known: new Map() });
  return weights;
}

function leavesOf(node: TreeNode): LeafNode[] {
  return node.kind === "layer" ? [node] : node.layers.flatMap(leavesOf);
}

/** Takes what a layer needs out of a group's tensors, by name; what is missing is noticed when it is used. */
function takeNamed(
  weights: Map<string, Weight>,
  place: PlacedLeaf | undefined,
  leaf: LeafNode,
  entries: NamedTensor[],
  isAlone: boolean,
): void {
  if (!place) return;
  const slots = weightSlots(place.kind);
  for (const [index, slot] of slots.entries()) {
    const names = [slot.weight, slot.alias];
    const found = isAlone
      ? entries.findIndex(({ weight }) => names.includes(weight))
      : findNamed(entries, leaf.name, names);
    if (found >= 0) put(weights, place.name, slot, entries.splice(found, 1)[0]!.tensor);
    // A layer that was renamed after it was built: its own group holds nothing else.
    else if (isAlone && entries.length === slots.length - index)
      put(weights, place.name, slot, entries.shift()!.tensor);
  }
}

interface Walk {
  readonly placed: PlacedLeaves;
  /** The nested model whose layers are taken; null: the outermost. */
  readonly parent: ModelNode | null;
  /** Layers of nested models that had weights: where they are, by their models' and their own names. */
  readonly known: Map<string, string>;
}

function takeNumbered(weights: Map<string, Weight>, groups: V3Groups, model: ModelNode, walk: Walk): void {
  for (const node of model.layers) {
    const group = groups.next(node.name, node.className);
    if (node.kind === "model") {
      takeNumbered(weights, groups.nested(group), node, { ...walk, parent: node });
      continue;
    }
    const place = walk.placed.get(node);
    if (!place) continue;
    const tensors = groups.tensors(group);
    refuseSharedModel(node, place, tensors, walk);
    putAll(weights, place, tensors);
  }
}

/**
 * A model that is a part of two others is saved once, below the first of them (Keras 3's saving_lib: objects that were
 * visited are passed over), so in the second its layers have nothing. That they are the same cannot be read off the file.
 */
function refuseSharedModel(
  node: LeafNode,
  { name, kind }: PlacedLeaf,
  tensors: readonly Weight[],
  { parent, known }: Walk,
): void {
  if (parent === null || weightSlots(kind).length === 0) return;
  const key = JSON.stringify([parent.name, node.name]);
  const earlier = known.get(key);
  if (tensors.length > 0) known.set(key, name);
  else if (earlier !== undefined) {
    throw new KerasProblem(
      `layer ${name} (${node.className}) has no weights of its own, ${earlier} has: model ${parent.name} seems to be a ` +
        "part of two other models, which the file does not tell. Save the model with a copy of it in each",
    );
  }
}

function putAll(weights: Map<string, Weight>, { name, kind }: PlacedLeaf, tensors: readonly Weight[]): void {
  for (const [index, slot] of weightSlots(kind).entries()) {
    const tensor = tensors[index];
    if (tensor) put(weights, name, slot, tensor);
  }
}

function put(weights: Map<string, Weight>, layer: string, { weight, layout }: WeightSlot, tensor: Weight): void {
  if (layout !== null && tensor.shape.length !== 4) {
    throw new KerasProblem(`weight ${weight} of layer ${layer} has ${tensor.shape.length} dimensions, not 4`);
  }
  weights.set(`${layer}/${weight}`, layout === null ? tensor : fromKerasLayout(tensor, layout));
}

/** Weights for a network out of a file of weights only, by the layers' names; without names, by Keras' counters. */
export function weightsOnly(container: Container, network: Network): Weights {
  const weights = new Map<string, Weight>();
  const legacy = legacyGroups(container);
  if (legacy) {
    const entries = [...legacy.values()].flat();
    for (const layer of network.layers) {
      for (const slot of weightSlots(layer)) {
        const entry = entries[findNamed(entries, layer.name, [slot.weight, slot.alias])];
        if (entry) put(weights, layer.name, slot, entry.tensor);
      }
    }
    return weights;
  }
  const groups = V3Groups.root(container);
  if (!groups) return weights;
  for (const layer of network.layers) {
    putAll(weights, { name: layer.name, kind: layer }, groups.tensors(groups.next(layer.name, layer.type)));
  }
  return weights;
}
