/** Keras files: whole models as networks with weights, and weights for networks that are known. */
import { FulcrumError } from "../errors/index.ts";
import type { Network, Weights } from "../layers/index.ts";
import { flattenModel } from "./config/flatten.ts";
import { layerKind } from "./config/layer-kinds.ts";
import { KerasProblem } from "./config/problem.ts";
import { parseModelTree } from "./config/tree.ts";
import { LayerConfig } from "./config/values.ts";
import { type Container, type ReadOptions, readContainer } from "./reader/read-container.ts";
import { modelWeights, weightsOnly } from "./weights/collect.ts";

export { layerClasses } from "./config/layer-kinds.ts";
export type { ReadOptions } from "./reader/read-container.ts";

/** A model out of a Keras file. */
export interface KerasModel {
  /** Nested models opened; layers in the file's order. One output. */
  readonly network: Network;
  readonly weights: Weights;
  readonly format: "h5" | "keras";
  /** Version that wrote the file; null where it does not say. */
  readonly kerasVersion: string | null;
}

/**
 * Reads a whole model: Keras 2 `.h5` and `.keras`, Keras 3 `.keras` and `.h5`; functional, Sequential and nested.
 * @throws FILE_UNREADABLE; KERAS_FILE_INVALID for a broken file; KERAS_MODEL_UNSUPPORTED naming a layer and its class
 */
export async function readKerasModel(path: string, options: ReadOptions = {}): Promise<KerasModel> {
  const container = await readContainer(path, options);
  if (container.config === null) {
    const problem = "it holds weights only, without the model's architecture";
    throw new FulcrumError("KERAS_FILE_INVALID", { path, problem });
  }
  return within(path, () => modelOf(container, parseJson(container.config!)));
}

/**
 * Weights for a network, by its layers' names: from a file of weights only (`save_weights` of Keras 2 or 3), or from a
 * whole model that has these layers, nested or not. What the file lacks is noticed when the network is lowered.
 * @throws as readKerasModel
 */
export async function readKerasWeights(path: string, network: Network, options: ReadOptions = {}): Promise<Weights> {
  const container = await readContainer(path, options);
  return within(path, () =>
    container.config === null
      ? weightsOnly(container, network)
      : modelOf(container, parseJson(container.config)).weights,
  );
}

function modelOf(container: Container, config: unknown): KerasModel {
  const { format, kerasVersion } = container;
  const kerasMajor = Number(/^\d+/.exec(kerasVersion ?? "2")?.[0] ?? 2);
  const tree = parseModelTree(config);
  const { network, nameOf } = flattenModel(tree, kerasMajor);
  const placed = new Map(
    [...nameOf]
      .filter(([leaf]) => leaf.className !== "InputLayer")
      .map(([leaf, name]) => {
        const kind = layerKind(new LayerConfig(leaf.name, leaf.className, leaf.config, kerasMajor));
        return [leaf, { name, kind }];
      }),
  );
  return { network, weights: modelWeights(container, tree, placed), format, kerasVersion };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new KerasProblem("its architecture is not JSON");
  }
}

/** Puts the file's name to a problem in it. */
function within<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof KerasProblem)) throw cause;
    throw new FulcrumError("KERAS_MODEL_UNSUPPORTED", { path, problem: cause.message }, { cause });
  }
}
