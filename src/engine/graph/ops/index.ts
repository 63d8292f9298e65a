/** The executable specification: the spec of every operation of the closed list. */
import type { OpName } from "../names.ts";
import type { AttributeSpec, OpSpec } from "../spec.ts";
import { elementwiseOps } from "./elementwise.ts";
import { layerOps } from "./layer.ts";
import { layoutOps } from "./layout.ts";
import { quantizationOps } from "./quantization.ts";
import { reductionOps } from "./reduction.ts";

/** Typed by the list of names, so an operation without a spec does not compile. */
export const opSpecs: Readonly<Record<OpName, OpSpec>> = {
  ...elementwiseOps,
  ...reductionOps,
  ...layerOps,
  ...layoutOps,
  ...quantizationOps,
};

/** Kind of an attribute of an operation, which says how ONNX holds it; null for an attribute that it does not have. */
export function attributeKind(op: OpName, name: string): AttributeSpec["kind"] | null {
  return opSpecs[op].attributes?.[name]?.kind ?? null;
}
