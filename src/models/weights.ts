/** Loads the weights of a base from a file of any form that they come in. The file's hash is checked before it is used. */
import { open } from "node:fs/promises";
import { problemOf, readBytes } from "../base/files.ts";
import { sha256, sha256File } from "../base/hash.ts";
import { FulcrumError } from "../errors/index.ts";
import { readKerasWeights } from "../keras/index.ts";
import { fromKerasLayout, type Network, parseSafetensors, type Weight, type Weights } from "../layers/index.ts";
import type { AvailableBase } from "./bases.ts";
import { isLitePort, litePortWeights } from "./lite-port.ts";

/**
 * Weights by `LAYER/WEIGHT`, out of: safetensors with these names in Keras' layout, or with those of the PyTorch port of
 * EfficientNet-Lite; a Keras file of weights only (`.h5`, `.weights.h5`), or of a whole model that holds the base.
 * @throws FILE_UNREADABLE, MODEL_WEIGHTS_INVALID, KERAS_FILE_INVALID, KERAS_MODEL_UNSUPPORTED
 */
export async function loadWeights(base: AvailableBase, signal?: AbortSignal): Promise<Weights> {
  const { path, sha256: expected } = base.weights;
  const checkHash = (found: string): void => {
    if (found === expected) return;
    throw new FulcrumError("MODEL_WEIGHTS_INVALID", { path, problem: `its SHA-256 is ${found}, not ${expected}` });
  };
  if (await isKerasFile(path)) {
    checkHash(await sha256File(path));
    return checked(
      path,
      base.network(base.inputSize),
      await readKerasWeights(path, base.network(base.inputSize), { signal }),
    );
  }
  const bytes = await readBytes(path);
  checkHash(sha256(bytes));
  const stored = parseSafetensors(bytes, path);
  const weights = isLitePort(stored) ? litePortWeights(stored) : fromKerasNames(stored);
  return checked(path, base.network(base.inputSize), weights);
}

/** HDF5, or a zip: by the first bytes. */
async function isKerasFile(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: unknown) => {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
  });
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return ["\x89HDF", "PK\x03\x04"].includes(buffer.toString("latin1"));
  } finally {
    await file.close();
  }
}

/** Keras' kernels of four dimensions, laid out as the engine has them. */
function fromKerasNames(stored: Weights): Weights {
  return new Map(
    [...stored].map(([name, weight]): [string, Weight] => {
      if (weight.shape.length !== 4) return [name, weight];
      return [name, fromKerasLayout(weight, name.endsWith("/depthwise_kernel") ? "depthwise" : "convolution")];
    }),
  );
}

/** Names of weights that a layer type cannot do without. */
const needed: Readonly<Record<string, string>> = {
  Conv2D: "kernel",
  DepthwiseConv2D: "depthwise_kernel",
  BatchNormalization: "moving_mean",
};

/** Refuses a file of another network at once, by the first layer that it lacks. */
function checked(path: string, { name, layers }: Network, weights: Weights): Weights {
  const missing = layers.find(({ name: layer, type }) => needed[type] && !weights.has(`${layer}/${needed[type]}`));
  if (!missing) return weights;
  const problem = `it has no weights for layer ${missing.name} of ${name}`;
  throw new FulcrumError("MODEL_WEIGHTS_INVALID", { path, problem });
}
