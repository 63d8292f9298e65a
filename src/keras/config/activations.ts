/** Activation functions by their names in Keras 2 and 3. Pure. */
import { z } from "zod";
import type { Activation } from "../../layers/index.ts";
import { type LayerConfig, shortJson } from "./values.ts";

const relu = { kind: "relu", maxValue: null, negativeSlope: 0, threshold: 0 } as const;

/** Names whose meaning is the same in both versions. */
const byName: Readonly<Record<string, Activation>> = {
  linear: { kind: "linear" },
  relu,
  relu6: { ...relu, maxValue: 6 },
  leaky_relu: { ...relu, negativeSlope: 0.2 },
  sigmoid: { kind: "sigmoid" },
  tanh: { kind: "tanh" },
  softmax: { kind: "softmax" },
  log_softmax: { kind: "logSoftmax" },
  softplus: { kind: "softplus" },
  softsign: { kind: "softsign" },
  exponential: { kind: "exponential" },
  swish: { kind: "swish" },
  silu: { kind: "swish" },
  mish: { kind: "mish" },
  selu: { kind: "selu" },
  elu: { kind: "elu", alpha: 1 },
  gelu: { kind: "gelu", approximate: false },
  hard_swish: { kind: "hardSwish" },
  hard_silu: { kind: "hardSwish" },
};

/** A function by name, as Keras 3 and the `.keras` format may write it. */
const named = z.object({
  class_name: z.literal("function"),
  config: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]),
  registered_name: z.string().nullish(),
});

/** The activation under a key of a layer's configuration; none is linear. */
export function activationOf(layer: LayerConfig, key = "activation"): Activation {
  const value = layer.raw(key);
  if (value === null) return { kind: "linear" };
  const parsed = named.safeParse(value);
  const name = parsed.success ? parsed.data.config : value;
  if (typeof name !== "string") return layer.fail(`${key} ${shortJson(value)} is not read`);
  // Keras 2: clip(x / 5 + 1 / 2, 0, 1). Keras 3: relu6(x + 3) / 6.
  if (name === "hard_sigmoid") return { kind: "hardSigmoid", slope: layer.kerasMajor < 3 ? 1 / 5 : 1 / 6 };
  const known = Object.hasOwn(byName, name) ? byName[name] : undefined;
  return known ?? layer.fail(`${key} ${shortJson(value)} is not read`);
}
