/** The rule table: the gradient of each operation that has one. A new rule is one entry in the file of its family. */
import type { OpName } from "../../graph/index.ts";
import type { GradientRule } from "../rule.ts";
import { elementwiseRules } from "./elementwise.ts";
import { layerRules } from "./layer.ts";
import { layoutRules } from "./layout.ts";
import { reductionRules } from "./reduction.ts";

export const gradientRules: Readonly<Partial<Record<OpName, GradientRule>>> = {
  ...elementwiseRules,
  ...reductionRules,
  ...layerRules,
  ...layoutRules,
};
