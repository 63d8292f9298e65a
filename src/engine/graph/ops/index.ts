/** The executable specification: the spec of every operation of the closed list. */
import type { OpName } from "../names.ts";
import type { OpSpec } from "../spec.ts";
import { elementwiseOps } from "./elementwise.ts";
import { layerOps } from "./layer.ts";
import { layoutOps } from "./layout.ts";
import { reductionOps } from "./reduction.ts";

/** Typed by the list of names, so an operation without a spec does not compile. */
export const opSpecs: Readonly<Record<OpName, OpSpec>> = {
  ...elementwiseOps,
  ...reductionOps,
  ...layerOps,
  ...layoutOps,
};
