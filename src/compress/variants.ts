/** What is tried: ways to find ranges, bits of a weight, layers left in float. And which of them wins. Pure. */
import type { Machine } from "../base/machine.ts";
import type { QuantizationChoices } from "../config/quantization.ts";
import type { Graph } from "../engine/graph/index.ts";
import type { Calibration, QuantizationVariant } from "../records/quantization.ts";
import type { WeightBits } from "./quantize/parameters.ts";
import { layersOf } from "./quantize/quantize-graph.ts";

export type Variant = Pick<QuantizationVariant, "calibration" | "weightBits" | "floatLayers">;

/** min-max keeps every value, percentiles give up the outermost ones for a finer grid. */
const calibrations: readonly Omit<Calibration, "photos">[] = [
  { method: "min-max", covered: 1 },
  { method: "percentile", covered: 0.9999 },
  { method: "percentile", covered: 0.999 },
];

/** A last layer with at most this share of the weights stays in float: it costs nothing and the answer depends on it. */
const smallShare = 0.1;

/** Instruction sets whose int8 products are summed in 32 bits: x86 VNNI, Arm dot products. */
const wideSums = ["avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"];

/** Whether sums of int8 products saturate on this machine. */
export function productsSaturate({ platform, cpuFeatures }: Pick<Machine, "platform" | "cpuFeatures">): boolean {
  return platform.endsWith("x64") && !cpuFeatures.some((feature) => wideSums.includes(feature));
}

/** Groups of variants: a later group is tried only if none of the earlier ones is accepted. */
export function planVariants(
  graph: Graph,
  photos: number,
  saturates: boolean,
  choices: QuantizationChoices,
): Variant[][] {
  const layers = layersOf(graph);
  const weightsOf = (i: number) => layers.at(i)?.inputs[1]?.shape.reduce<number>((n, dim) => n * Number(dim), 1) ?? 0;
  const total = layers.reduce((sum, _, i) => sum + weightsOf(i), 0);
  const last = layers.at(-1)!.name;
  const first = layers[0]!.name;
  const kept = weightsOf(-1) <= smallShare * total && layers.length > 1 ? [last] : [];
  const groups = [kept, [...new Set([first, last])]].filter((names) => names.length < layers.length);
  return groups.map((floatLayers) =>
    bitsOf(choices, saturates).flatMap((weightBits) =>
      calibrations.map((calibration) => ({ calibration: { ...calibration, photos }, weightBits, floatLayers })),
    ),
  );
}

function bitsOf({ weightBits }: QuantizationChoices, saturates: boolean): readonly WeightBits[] {
  if (weightBits === "auto") return saturates ? [8, 7] : [8];
  return weightBits === "7" ? [7] : [8];
}

/**
 * Confidence level of the interval that accepts the best of `variants`: with Bonferroni's correction all of their
 * intervals hold together with 95 %, so it does not matter that the best was chosen on the same photos. All that may be
 * tried count, also those of a later group that was not needed.
 */
export function acceptanceLevel(variants: number): number {
  return 1 - 0.05 / variants;
}

/** Index of the best result: most right answers, then the lowest log loss, then the earliest. */
export function bestVariant(results: readonly Pick<QuantizationVariant, "correct" | "logLoss">[]): number {
  return results.reduce((best, result, i) => {
    const leader = results[best]!;
    const isBetter =
      result.correct > leader.correct || (result.correct === leader.correct && result.logLoss < leader.logLoss);
    return isBetter ? i : best;
  }, 0);
}
