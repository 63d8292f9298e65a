/**
 * A tree of nested models as one network: nested models are opened, layers that are called twice appear twice with
 * shared weights. Pure.
 */
import type { Layer, Network } from "../../layers/index.ts";
import { layerKind } from "./layer-kinds.ts";
import { KerasProblem } from "./problem.ts";
import { batchShape, type LeafNode, type ModelNode, type TensorRef, type TreeNode } from "./tree.ts";
import { LayerConfig } from "./values.ts";

export interface FlatModel {
  readonly network: Network;
  /** The name in the network of each layer of the tree. */
  readonly nameOf: ReadonlyMap<LeafNode, string>;
}

/** More calls than any real model has; nested models that are called often multiply. */
const maximumLayers = 20_000;

/** @param kerasMajor version of what wrote the file: 2 or 3 @throws KerasProblem */
export function flattenModel(root: ModelNode, kerasMajor: number): FlatModel {
  const flattening = new Flattening(kerasMajor, flatNames(root));
  const outputs = flattening.model(root, null);
  if (outputs.length !== 1) throw new KerasProblem(`it has ${outputs.length} outputs, one is read`);
  return { network: { name: root.name || "model", layers: flattening.layers, outputs }, nameOf: flattening.names };
}

/** A leaf's own name where that is unique, else the names of the models around it before it. */
function flatNames(root: ModelNode): ReadonlyMap<LeafNode, string> {
  const leaves: { leaf: LeafNode; path: readonly string[] }[] = [];
  const visit = (node: TreeNode, path: readonly string[]): void => {
    if (node.kind === "layer") leaves.push({ leaf: node, path });
    else for (const child of node.layers) visit(child, node === root ? [] : [...path, node.name]);
  };
  visit(root, []);
  const counts = new Map<string, number>();
  for (const { leaf } of leaves) counts.set(leaf.name, (counts.get(leaf.name) ?? 0) + 1);
  const taken = new Set<string>();
  return new Map(
    leaves.map(({ leaf, path }) => {
      const name = counts.get(leaf.name) === 1 ? leaf.name : [...path, leaf.name].join("/");
      if (taken.has(name) || name === "") throw new KerasProblem(`two layers are called ${name || "nothing"}`);
      taken.add(name);
      return [leaf, name];
    }),
  );
}

class Flattening {
  readonly layers: Layer[] = [];
  readonly names: ReadonlyMap<LeafNode, string>;
  readonly #kerasMajor: number;
  readonly #calls = new Map<LeafNode, number>();
  #modelCalls = 0;

  constructor(kerasMajor: number, names: ReadonlyMap<LeafNode, string>) {
    this.#kerasMajor = kerasMajor;
    this.names = names;
  }

  /** Adds a model's layers. @param fed what its inputs read; null: they are the network's own */
  model(model: ModelNode, fed: readonly string[] | null): readonly string[] {
    if (++this.#modelCalls > maximumLayers) throw new KerasProblem(`it calls models more than ${maximumLayers} times`);
    return model.isSequential ? this.#sequential(model, fed) : this.#functional(model, fed);
  }

  #sequential(model: ModelNode, fed: readonly string[] | null): readonly string[] {
    const hasInput = model.layers[0]?.className === "InputLayer";
    let current = fed;
    if (current === null && !hasInput) {
      current = [this.#add({ type: "Input", shape: model.inputShape, name: `${model.name}_input`, inputs: [] })];
    }
    for (const layer of model.layers) {
      if (layer.className === "InputLayer" && current !== null) continue;
      current = layer.kind === "model" ? this.model(layer, current) : [this.#leaf(layer, current ?? [])];
    }
    return current ?? [];
  }

  #functional(model: ModelNode, fed: readonly string[] | null): readonly string[] {
    const scope = new CallScope(model);
    if (fed !== null && fed.length !== model.inputs.length) {
      throw new KerasProblem(`model ${model.name} has ${model.inputs.length} inputs, it is called with ${fed.length}`);
    }
    const fedTo = new Map(model.inputs.map(({ layer }, i) => [layer, fed?.[i]]));
    for (const { node, reads } of scope.inOrder()) {
      const inputs = reads.map((read) => scope.value(read, model.name));
      if (inputs.length > 0) {
        const [result, ...more] = node.kind === "model" ? this.model(node, inputs) : [this.#leaf(node, inputs)];
        if (result === undefined || more.length > 0) {
          throw new KerasProblem(`model ${node.name} has ${more.length + 1} outputs, one is read`);
        }
        scope.put(node, result);
      } else if (node.kind === "layer" && node.className === "InputLayer") {
        scope.put(node, fedTo.get(node.name) ?? this.#leaf(node, []));
      } else {
        throw new KerasProblem(`layer ${node.name} (${node.className}) reads nothing`);
      }
    }
    return model.outputs.map((output) => scope.value(output, model.name));
  }

  /** Adds a call of a layer. */
  #leaf(leaf: LeafNode, inputs: readonly string[]): string {
    const own = this.names.get(leaf)!;
    if (leaf.className === "InputLayer") return this.#add({ ...inputKind(leaf), name: own, inputs: [] });
    const call = (this.#calls.get(leaf) ?? 0) + 1;
    this.#calls.set(leaf, call);
    const kind = layerKind(new LayerConfig(leaf.name, leaf.className, leaf.config, this.#kerasMajor));
    const again = call === 1 ? {} : { sharedWith: own };
    return this.#add({ ...kind, name: call === 1 ? own : `${own}~${call}`, inputs, ...again });
  }

  #add(layer: Layer): string {
    if (this.layers.length >= maximumLayers) throw new KerasProblem(`it has more than ${maximumLayers} layers`);
    this.layers.push(layer);
    return layer.name;
  }
}

function inputKind({ config }: LeafNode): { type: "Input"; shape: readonly (number | null)[] | null } {
  return { type: "Input", shape: batchShape(config.batch_input_shape) ?? batchShape(config.batch_shape) };
}

interface Call {
  readonly node: TreeNode;
  /** Which call of its layer, from 0. */
  readonly index: number;
  readonly reads: readonly TensorRef[];
}

/** The calls within one functional model. */
class CallScope {
  readonly #byName: ReadonlyMap<string, TreeNode>;
  readonly #offsets: ReadonlyMap<string, number>;
  readonly #calls: readonly Call[];
  readonly #values = new Map<string, string[]>();

  constructor(model: ModelNode) {
    this.#byName = new Map(model.layers.map((layer) => [layer.name, layer]));
    if (this.#byName.size !== model.layers.length) throw new KerasProblem(`model ${model.name} has layers of one name`);
    const refs = [...model.outputs, ...model.layers.flatMap(({ calls }) => calls.flat())];
    this.#offsets = firstNodes(model, refs);
    this.#calls = model.layers.flatMap((node): Call[] =>
      node.calls.length === 0
        ? [{ node, index: 0, reads: [] }]
        : node.calls.map((reads, index) => ({ node, index, reads })),
    );
  }

  /** Each call after those that it reads: in the file's order wherever that is so, as it is in Keras' own files. */
  *inOrder(): Generator<Call> {
    const parked = new Map<string, Call[]>();
    let done = 0;
    for (const call of this.#calls) {
      const ready = [call];
      for (let next = ready.pop(); next; next = ready.pop()) {
        const missing = this.#firstMissing(next);
        if (missing !== null) {
          const others = parked.get(missing);
          if (others) others.push(next);
          else parked.set(missing, [next]);
          continue;
        }
        yield next;
        done++;
        const result = resultKey(next.node.name, next.index);
        ready.push(...(parked.get(result) ?? []));
        parked.delete(result);
      }
    }
    if (done === this.#calls.length) return;
    const [stuck] = [...parked.values()].flat();
    const { name, className } = stuck!.node;
    throw new KerasProblem(
      `layer ${name} (${className}) reads something that is missing, or that reads it in a circle`,
    );
  }

  /** What a call still waits for: a result that it reads, or the call of the same layer before it. */
  #firstMissing({ node, index, reads }: Call): string | null {
    if (index > (this.#values.get(node.name)?.length ?? 0)) return resultKey(node.name, index - 1);
    const missing = reads.find((read) => !this.#has(read));
    return missing ? resultKey(missing.layer, this.#position(missing)) : null;
  }

  /** Index of the call that a reference means. */
  #position({ layer, node }: TensorRef): number {
    return node - (this.#offsets.get(layer) ?? 0);
  }

  put(node: TreeNode, result: string): void {
    const results = this.#values.get(node.name);
    if (results) results.push(result);
    else this.#values.set(node.name, [result]);
  }

  value({ layer, node }: TensorRef, model: string): string {
    const found = this.#values.get(layer)?.[this.#position({ layer, node })];
    if (found !== undefined) return found;
    throw new KerasProblem(`model ${model} refers to call ${node} of layer ${layer}, which is not there`);
  }

  #has(ref: TensorRef): boolean {
    return this.#values.get(ref.layer)?.[this.#position(ref)] !== undefined;
  }
}

function resultKey(layer: string, index: number): string {
  return `${index} ${layer}`;
}

/** Calls of a nested model are counted from 1, as its own making counts as one (`_should_skip_first_node`). */
function firstNodes(model: ModelNode, refs: readonly TensorRef[]): ReadonlyMap<string, number> {
  const used = new Map<string, number[]>();
  for (const { layer, node } of refs) {
    const nodes = used.get(layer);
    if (nodes) nodes.push(node);
    else used.set(layer, [node]);
  }
  return new Map(
    model.layers.map(({ name, kind, calls }) => {
      const nodes = used.get(name) ?? [];
      const isFromOne = kind === "model" && nodes.length > 0 && (nodes.includes(calls.length) || !nodes.includes(0));
      return [name, isFromOne ? 1 : 0];
    }),
  );
}
