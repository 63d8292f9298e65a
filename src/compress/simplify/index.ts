/** Simplification: a graph that computes the same with fewer operations. */
import type { Graph } from "../../engine/graph/index.ts";
import { rewriteGraph } from "../rewrite.ts";
import { matMulToGemm, meanToPool, padApartFromPool, padToConv } from "./canonical.ts";
import { type Evaluate, foldConstants } from "./fold-constants.ts";
import { foldScales } from "./fold-scales.ts";
import { removeIdentities } from "./identities.ts";

/** In an order in which each rule finds what the ones before it have uncovered. */
const rules = [removeIdentities, meanToPool, matMulToGemm, padToConv, foldScales, removeIdentities, padApartFromPool];

/**
 * Computes what depends on constants only, leaves out what changes nothing, merges transposes, and folds BatchNorm,
 * channel arithmetic and zero padding into the convolution before or after it. Results differ by float rounding only.
 */
export async function simplifyGraph(graph: Graph, evaluate: Evaluate): Promise<Graph> {
  const folded = await foldConstants(graph, evaluate);
  return rules.reduce(rewriteGraph, folded);
}
