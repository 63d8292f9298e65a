/** Compression: a graph that computes the same with fewer operations, or nearly the same with integers. */
export { evaluateConstants } from "./evaluate-constants.ts";
export { type QuantizeModelOptions, quantizeModel } from "./quantize-model.ts";
export type { Evaluate } from "./simplify/fold-constants.ts";
export { simplifyGraph } from "./simplify/index.ts";
