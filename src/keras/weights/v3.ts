/**
 * Weights in the layout of `.keras` and `.weights.h5`: groups named after classes with a counter (`conv2d_3`), weights
 * numbered in `vars`. Keras 3 writes each layer's own name beside them; Keras 2.14 does not, and counts. Pure.
 */
import type { Weight } from "../../layers/index.ts";
import type { Container } from "../reader/read-container.ts";

/** The key under which a model keeps its layers: Keras 3's, and Keras 2.14's. */
const layerKeys = ["layers", "_layer_checkpoint_dependencies"] as const;

/** A model's layers as groups of the file. */
export class V3Groups {
  readonly #container: Container;
  readonly #prefix: string;
  readonly #key: string;
  /** Group by the layer's own name. */
  readonly #named = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  private constructor(container: Container, path: string, key: string, groups: readonly string[]) {
    this.#container = container;
    this.#key = key;
    this.#prefix = path === "" ? key : `${path}/${key}`;
    for (const group of groups) {
      const name = container.attributes[`${this.#prefix}/${group}/vars`]?.name;
      if (typeof name === "string") this.#named.set(name, group);
    }
  }

  /** The file's outermost model; null if the file is not laid out so. */
  static root(container: Container): V3Groups | null {
    const paths = [...container.tensors.keys(), ...Object.keys(container.attributes)];
    const key = layerKeys.find((each) => paths.some((path) => path.startsWith(`${each}/`)));
    if (key === undefined) return null;
    return new V3Groups(container, "", key, groupsBelow(paths, key));
  }

  /** The group of the next layer of the list; call it for each layer in order, as the counters go on. */
  next(name: string, className: string): string {
    const base = snakeCase(className);
    const count = this.#counts.get(base) ?? 0;
    this.#counts.set(base, count + 1);
    const counted = count === 0 ? base : `${base}_${count}`;
    return `${this.#prefix}/${this.#named.get(name) ?? counted}`;
  }

  /** The layers of a nested model, given its group. */
  nested(group: string): V3Groups {
    const paths = [...this.#container.tensors.keys(), ...Object.keys(this.#container.attributes)];
    return new V3Groups(this.#container, group, this.#key, groupsBelow(paths, `${group}/${this.#key}`));
  }

  /** A layer's weights in Keras' order. */
  tensors(group: string): readonly Weight[] {
    const found: Weight[] = [];
    for (let i = 0; ; i++) {
      const tensor = this.#container.tensors.get(`${group}/vars/${i}`);
      if (!tensor) return found;
      found.push(tensor);
    }
  }
}

function groupsBelow(paths: readonly string[], prefix: string): string[] {
  const start = `${prefix}/`;
  const below = paths.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length).split("/")[0]!);
  return [...new Set(below)];
}

/** As keras.src.utils.naming.to_snake_case. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}
