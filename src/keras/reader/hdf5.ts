/**
 * An HDF5 file as a list of tensors and names: what Keras keeps there, and no more. The only door to h5wasm. The file is
 * hostile input: what it claims is bounded before it is read, and this runs in a process of its own (child.ts), for the
 * library is C and may hang, or run out of memory, on a file made for that.
 */
import "./fs-constants.ts";
import h5 from "h5wasm/node";

/** Why a file is refused, in words. */
export class Refusal extends Error {}

export interface StoredTensor {
  /** Path in the file, without a leading slash. */
  readonly path: string;
  readonly shape: readonly number[];
  read(): Float32Array;
}

export interface Hdf5Contents {
  readonly tensors: readonly StoredTensor[];
  /** For each group that has any: its text attributes, a text or a list of texts. */
  readonly attributes: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Hdf5Limits {
  /** Of all tensors together. */
  readonly tensorBytes: number;
}

/** Groups and tensors; a real file has a few thousand. */
const maximumObjects = 100_000;
const maximumDepth = 40;
/** The optimizer's state is never needed. */
const skipped: ReadonlySet<string> = new Set(["optimizer_weights", "optimizer"]);
const wantedAttributes = /^(model_config|keras_version|name|layer_names\d*|weight_names\d*)$/;
const floatClass = 1;
const stringClass = 3;

/** @throws Refusal */
export async function readHdf5(path: string, limits: Hdf5Limits): Promise<Hdf5Contents> {
  await h5.ready;
  const file = new h5.File(path, "r");
  if (file.file_id < 0n) throw new Refusal("it is not an HDF5 file, or it is cut short");
  return new Walk(limits).run(file);
}

type Group = InstanceType<typeof h5.Group>;
type Dataset = InstanceType<typeof h5.Dataset>;

class Walk {
  readonly #limits: Hdf5Limits;
  readonly #tensors: StoredTensor[] = [];
  readonly #attributes: Record<string, Record<string, string | readonly string[]>> = {};
  #objects = 0;
  #bytes = 0;

  constructor(limits: Hdf5Limits) {
    this.#limits = limits;
  }

  run(root: Group): Hdf5Contents {
    this.#visit(root, "", 0);
    return { tensors: this.#tensors, attributes: this.#attributes };
  }

  /** Links may form a circle: depth and number of objects end it. */
  #visit(group: Group, path: string, depth: number): void {
    if (depth > maximumDepth) throw new Refusal(`its groups are more than ${maximumDepth} deep: ${path.slice(0, 100)}`);
    this.#keepAttributes(group, path);
    for (const key of group.keys()) {
      if (++this.#objects > maximumObjects) throw new Refusal(`it has more than ${maximumObjects} groups and tensors`);
      if (depth === 0 && skipped.has(key)) continue;
      const child = group.get(key);
      const childPath = path === "" ? key : `${path}/${key}`;
      if (child instanceof h5.Group) this.#visit(child, childPath, depth + 1);
      else if (child instanceof h5.Dataset) this.#keepTensor(child, childPath);
      else throw new Refusal(`${childPath} is neither a group nor a tensor (a link that leads nowhere, or outside)`);
    }
  }

  #keepAttributes(group: Group, path: string): void {
    const kept: Record<string, string | readonly string[]> = {};
    for (const [name, attribute] of Object.entries(group.attrs)) {
      if (!wantedAttributes.test(name)) continue;
      const { type, total_size: count, size } = attribute.metadata;
      if (type !== stringClass) {
        // Keras writes an empty list of names as numbers.
        if (attribute.shape?.length === 1 && attribute.shape[0] === 0) kept[name] = [];
        continue;
      }
      if (count * size > this.#limits.tensorBytes) throw new Refusal(`attribute ${name} of /${path} is too large`);
      const { value } = attribute;
      if (typeof value === "string") kept[name] = value;
      else if (Array.isArray(value)) kept[name] = value.map(String);
    }
    if (Object.keys(kept).length > 0) this.#attributes[path] = kept;
  }

  /** Numbers that are not floats are counters and seeds, which no layer needs. */
  #keepTensor(dataset: Dataset, path: string): void {
    const { type, size, shape, virtual_sources: virtual, littleEndian } = dataset.metadata;
    if (type !== floatClass || shape === null) return;
    if (virtual) throw new Refusal(`tensor ${path} points to another file`);
    if (![4, 8].includes(size) || !littleEndian) {
      throw new Refusal(`tensor ${path} has floats of ${size} bytes, little-endian ones of 4 or 8 can be read`);
    }
    this.#bytes += shape.reduce((product, dim) => product * dim, size);
    if (!(this.#bytes <= this.#limits.tensorBytes)) {
      throw new Refusal(`up to tensor ${path} it claims ${this.#bytes} bytes, which its size cannot hold`);
    }
    this.#tensors.push({ path, shape, read: () => readTensor(dataset, path, shape) });
  }
}

function readTensor(dataset: Dataset, path: string, shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (count === 0) return new Float32Array(0);
  const { value } = dataset;
  const values = typeof value === "number" ? Float32Array.of(value) : value;
  if (values instanceof Float64Array && values.length === count) return Float32Array.from(values);
  if (values instanceof Float32Array && values.length === count) return values;
  throw new Refusal(`tensor ${path} cannot be read`);
}
