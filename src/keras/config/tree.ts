/** A Keras configuration as a tree of models and layers, whatever version wrote it. Pure. */
import { z } from "zod";
import { KerasProblem } from "./problem.ts";

/** The `node`th call of a layer; layers here have one result. */
export interface TensorRef {
  readonly layer: string;
  readonly node: number;
}

interface NodeBase {
  readonly name: string;
  readonly className: string;
  /** What each of its calls reads; Sequential members have one call without a list, which reads the layer before. */
  readonly calls: readonly (readonly TensorRef[])[];
}

export interface LeafNode extends NodeBase {
  readonly kind: "layer";
  readonly config: Readonly<Record<string, unknown>>;
}

export interface ModelNode extends NodeBase {
  readonly kind: "model";
  readonly isSequential: boolean;
  readonly layers: readonly TreeNode[];
  /** Of a functional model. */
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
  /** Shape of a Sequential's input without the batch, where it has no InputLayer. */
  readonly inputShape: readonly (number | null)[] | null;
}

export type TreeNode = LeafNode | ModelNode;

const serialized = z.object({
  class_name: z.string(),
  config: z.record(z.string(), z.unknown()),
  name: z.string().optional(),
  module: z.string().nullish(),
  registered_name: z.string().nullish(),
  inbound_nodes: z.array(z.unknown()).optional(),
  build_config: z.record(z.string(), z.unknown()).nullish(),
});

type Serialized = z.output<typeof serialized>;

const functionalClasses: ReadonlySet<string> = new Set(["Functional", "Model"]);
/** Deeper nesting than any real model's. */
const maximumDepth = 16;
const kerasModule = /^(tensorflow\.(python\.)?)?keras(\.|$)/;

/** @throws KerasProblem */
export function parseModelTree(config: unknown): ModelNode {
  const root = parseNode(config, 0);
  if (root.kind === "model") return root;
  throw new KerasProblem(`layer ${root.name} (${root.className}) is no model: Sequential or Functional is read`);
}

function parseNode(value: unknown, depth: number): TreeNode {
  const parsed = serialized.safeParse(value);
  if (!parsed.success) throw new KerasProblem(`its configuration is not Keras': ${z.prettifyError(parsed.error)}`);
  if (depth > maximumDepth) throw new KerasProblem(`its models are nested more than ${maximumDepth} deep`);
  const node = parsed.data;
  const configured = node.config.name;
  const name = node.name ?? (typeof configured === "string" ? configured : "");
  refuseForeign(node, name);
  const className = node.class_name;
  const calls = (node.inbound_nodes ?? []).map((call) => parseCall(call, name, className));
  const common = { name, className, calls };
  if (className === "Sequential") return { ...common, ...sequential(node, depth) };
  if (functionalClasses.has(className)) return { ...common, ...functional(node, name, depth) };
  return { ...common, kind: "layer", config: node.config };
}

/** A class of the user's own, or an operation of Keras 3 that is no layer, is not what its name says. */
function refuseForeign({ class_name: className, registered_name: registered, module }: Serialized, name: string): void {
  const isForeign = registered?.includes(">") || (module && !kerasModule.test(module)) || module?.includes(".ops.");
  if (!isForeign) return;
  throw new KerasProblem(`layer ${name} is of class ${registered ?? `${module}.${className}`}, which is not read`);
}

const layerList = z.array(z.unknown());

function sequential(node: Serialized, depth: number): Omit<ModelNode, keyof NodeBase> {
  const layers = layerList.safeParse(node.config.layers);
  if (!layers.success) throw new KerasProblem("a Sequential model has no list of layers");
  const first = z.object({ config: z.record(z.string(), z.unknown()) }).safeParse(layers.data[0]);
  const firstConfig = first.success ? first.data.config : {};
  const shapes = [firstConfig.batch_input_shape, firstConfig.batch_shape, node.config.build_input_shape];
  return {
    kind: "model",
    isSequential: true,
    layers: layers.data.map((layer) => parseNode(layer, depth + 1)),
    inputs: [],
    outputs: [],
    inputShape: shapes.map(batchShape).find((shape) => shape !== null) ?? null,
  };
}

function functional(node: Serialized, name: string, depth: number): Omit<ModelNode, keyof NodeBase> {
  const layers = layerList.safeParse(node.config.layers);
  const { input_layers: inputs, output_layers: outputs } = node.config;
  if (!layers.success || inputs === undefined || outputs === undefined) {
    throw new KerasProblem(`model ${name} (${node.class_name}) is not functional: it has no list of layers`);
  }
  return {
    kind: "model",
    isSequential: false,
    layers: layers.data.map((layer) => parseNode(layer, depth + 1)),
    inputs: parseRefs(inputs, `inputs of model ${name}`),
    outputs: parseRefs(outputs, `outputs of model ${name}`),
    inputShape: null,
  };
}

const dims = z.array(z.int().min(1).nullable()).min(1).max(6);

/** A shape without its batch, or null. */
export function batchShape(value: unknown): readonly (number | null)[] | null {
  const parsed = dims.safeParse(value);
  return parsed.success ? parsed.data.slice(1) : null;
}

const ref = z.tuple([z.string(), z.int().min(0), z.int().min(0)]).rest(z.unknown());

/** A list of references, one by itself, or several under names (Keras 3 keeps the caller's structure). */
function parseRefs(value: unknown, what: string): TensorRef[] {
  const single = ref.safeParse(value);
  if (single.success) return [toRef(single.data, what)];
  const list = Array.isArray(value) ? value : typeof value === "object" && value !== null ? Object.values(value) : [];
  if (list.length === 0) throw new KerasProblem(`the ${what} are not references to layers`);
  return list.map((item) => {
    const parsed = ref.safeParse(item);
    if (!parsed.success) throw new KerasProblem(`the ${what} are not references to layers`);
    return toRef(parsed.data, what);
  });
}

function toRef([layer, node, tensor]: z.output<typeof ref>, what: string): TensorRef {
  if (tensor !== 0) throw new KerasProblem(`${what}: layer ${layer} has more than one result, which is not read`);
  return { layer, node };
}

const keras3Call = z.object({ args: z.array(z.unknown()), kwargs: z.record(z.string(), z.unknown()).optional() });
const keras3Tensor = z.object({
  class_name: z.literal("__keras_tensor__"),
  config: z.object({ keras_history: z.array(z.unknown()) }),
});
/** Arguments of a call that change nothing at inference. */
const harmless: ReadonlySet<string> = new Set(["training", "mask"]);

function parseCall(call: unknown, name: string, className: string): TensorRef[] {
  const fail = (problem: string): never => {
    throw new KerasProblem(`layer ${name} (${className}) ${problem}`);
  };
  const keras3 = keras3Call.safeParse(call);
  if (keras3.success) {
    checkArguments(keras3.data.kwargs ?? {}, fail);
    const { args } = keras3.data;
    if (args.length !== 1) fail(`is called with ${args.length} arguments, which is not read`);
    const tensors = Array.isArray(args[0]) ? args[0] : [args[0]];
    return tensors.map((tensor) => {
      const parsed = keras3Tensor.safeParse(tensor);
      return parsed.success
        ? one(parsed.data.config.keras_history, name)
        : fail("is called with something else than tensors");
    });
  }
  if (!Array.isArray(call)) return fail("is called in a way that is not read");
  // Keras 2: [[layer, node, tensor, arguments], ...], or one of them by itself.
  const items = typeof call[0] === "string" ? [call] : call;
  return items.map((item) => {
    if (Array.isArray(item) && typeof item[3] === "object" && item[3] !== null) checkArguments(item[3], fail);
    return one(item, name);
  });
}

function one(value: unknown, name: string): TensorRef {
  const parsed = ref.safeParse(value);
  if (parsed.success) return toRef(parsed.data, `what layer ${name} reads`);
  throw new KerasProblem(`what layer ${name} reads is not a reference to a layer`);
}

function checkArguments(values: object, fail: (problem: string) => never): void {
  const other = Object.entries(values).find(([key, value]) => !harmless.has(key) && value !== null);
  if (other) fail(`is called with the argument ${other[0]}, which is not read`);
}
