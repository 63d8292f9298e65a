/**
 * The form of the executable specification: for each operation its inputs, attributes and shape rule, in ONNX's
 * words. The builder and the verifier both run it through `checkCall`, so there is one truth on what is legal.
 */
import type { Attribute, Attributes, Node, OperationNode, ValueType } from "./node.ts";
import { type Dim, normalizeAxis, renderShape, type Shape } from "./shape.ts";
import { type DataType, dataTypes, isDataType } from "./tensor.ts";

export const floats = ["float32", "float64"] as const;
export const numbers = ["float32", "float64", "uint8", "int8", "int32", "int64"] as const;
export const anyType: readonly DataType[] = dataTypes;

/** An input: its name in ONNX and the allowed types. Inputs with the same list object must have the same type. */
export interface InputSpec {
  readonly name: string;
  readonly types: readonly DataType[];
  readonly optional?: true;
}

/** Kind of an attribute, and its default; "required" has none, "absent" may be left out. */
export interface AttributeSpec {
  readonly kind: "int" | "float" | "string" | "ints" | "dtype";
  readonly otherwise: Attribute | "required" | "absent";
}

/** One application of an operation, while it is checked. */
export interface OpCall {
  readonly inputs: readonly (Node | null)[];
  readonly attributes: Attributes;
  /** Refuses the call; the message names the node and the operation. */
  fail(problem: string): never;
}

export interface OpSpec {
  readonly inputs: readonly InputSpec[];
  /** The last input may be given any number of times, at least once. */
  readonly variadic?: true;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  /** Type of the result; calls `fail` if the inputs' shapes do not fit. */
  infer(call: OpCall): ValueType;
}

/**
 * Checks inputs and attributes of a call against a spec and infers its result.
 * @returns the result's type, and the attributes with defaults filled in
 */
export function checkCall(spec: OpSpec, call: OpCall): { type: ValueType; attributes: Attributes } {
  checkInputs(spec, call);
  const attributes = checkAttributes(spec, call);
  return { type: spec.infer({ ...call, attributes }), attributes };
}

function checkInputs(spec: OpSpec, call: OpCall): void {
  const { inputs } = call;
  if (inputs.length > spec.inputs.length && !spec.variadic) {
    call.fail(`it takes at most ${spec.inputs.length} inputs, not ${inputs.length}`);
  }
  const bound = new Map<readonly DataType[], DataType>();
  for (let i = 0; i < Math.max(inputs.length, spec.inputs.length); i++) {
    const expected = spec.inputs[Math.min(i, spec.inputs.length - 1)]!;
    const input = inputs[i] ?? null;
    if (input === null) {
      if (!expected.optional) call.fail(`input ${expected.name} is missing`);
      continue;
    }
    if (!expected.types.includes(input.dtype)) {
      call.fail(`input ${expected.name} is ${input.dtype}, allowed: ${expected.types.join(", ")}`);
    }
    const other = bound.get(expected.types) ?? input.dtype;
    if (other !== input.dtype) call.fail(`input ${expected.name} is ${input.dtype} where the others are ${other}`);
    bound.set(expected.types, input.dtype);
  }
}

function checkAttributes(spec: OpSpec, call: OpCall): Attributes {
  const specs = spec.attributes ?? {};
  const complete: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(call.attributes)) {
    const expected = specs[name];
    if (expected === undefined)
      call.fail(`attribute ${name} is unknown, allowed: ${Object.keys(specs).join(", ") || "none"}`);
    if (!isOfKind(expected.kind, value))
      call.fail(`attribute ${name} must be of kind ${expected.kind}, not ${String(value)}`);
  }
  for (const [name, { otherwise }] of Object.entries(specs)) {
    const value = call.attributes[name] ?? otherwise;
    if (value === "required") call.fail(`attribute ${name} is missing`);
    if (value === "absent") continue;
    // ONNX holds floats in 32 bits; so does the IR, or a file would not give back the graph that it was made of.
    complete[name] = specs[name]!.kind === "float" ? Math.fround(value as number) : value;
  }
  return complete;
}

function isOfKind(kind: AttributeSpec["kind"], value: Attribute): boolean {
  if (kind === "int") return Number.isSafeInteger(value);
  if (kind === "float") return typeof value === "number";
  if (kind === "dtype") return typeof value === "string" && isDataType(value);
  if (kind === "string") return typeof value === "string";
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item));
}

/** An input that the spec requires: present once `checkCall` has passed. */
export function required(call: Pick<OpCall, "inputs">, index: number): Node {
  return call.inputs[index]!;
}

/** An attribute of kind int or float that has a value. */
export function numberAttribute(call: Pick<OpCall, "attributes">, name: string): number {
  return call.attributes[name] as number;
}

/** An attribute of kind ints, or null if it was left out. */
export function listAttribute(call: Pick<OpCall, "attributes">, name: string): readonly number[] | null {
  return (call.attributes[name] as readonly number[] | undefined) ?? null;
}

/** An attribute of kind string or dtype that has a value. */
export function textAttribute(call: Pick<OpCall, "attributes">, name: string): string {
  return call.attributes[name] as string;
}

/** An axis as a number from 0. */
export function checkedAxis(call: OpCall, axis: number, rank: number): number {
  return normalizeAxis(axis, rank) ?? call.fail(`axis ${axis} is outside of -${rank}..${rank - 1}`);
}

/** Values of an integer input whose values must be known when the graph is built: a constant. */
export function constantIntegers(call: OpCall, index: number, name: string): readonly number[] {
  const node = required(call, index);
  if (node.op !== "Constant") call.fail(`input ${name} must be a constant, it is computed by ${node.op} ${node.name}`);
  return Array.from(node.data, Number);
}

/** The shape that an int64 input stands for: a constant, or the shape of another value (operation Shape). */
export function knownShape(call: OpCall, index: number): Shape {
  const node = required(call, index);
  if (node.op === "Shape") return node.inputs[0]!.shape;
  return constantIntegers(call, index, "shape");
}

/** Refuses a value whose number of dimensions is not `rank`. */
export function checkRank(call: OpCall, node: Node, rank: number, layout: string): void {
  if (node.shape.length !== rank) call.fail(`${node.name} must be ${layout}, its shape is ${renderShape(node.shape)}`);
}

/** A dimension that must be a number. */
export function staticDim(call: OpCall, dim: Dim | undefined, what: string): number {
  return typeof dim === "number" ? dim : call.fail(`${what} must be a number, it is ${String(dim)}`);
}

/** A finished node as a call, to read its shape rules again: it was checked when it was made, so it cannot fail. */
export function callOf(node: OperationNode): OpCall {
  return {
    inputs: node.inputs,
    attributes: node.attributes,
    fail(problem) {
      throw new Error(`verified node ${node.name} became invalid: ${problem}`);
    },
  };
}
