/** Automatic differentiation of graphs. Pure. */
export { gradients } from "./gradients.ts";
