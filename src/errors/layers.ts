/** Errors of networks and their weights. */
import type { ErrorTable } from "./table.ts";

export const layerErrors = {
  LAYER_WEIGHT_MISSING: {
    message: "Layer {layer} has no weight {weight} in the weights given. Next: use weights of exactly this network.",
    exit: "input",
  },
  LAYER_WEIGHT_SHAPE: {
    message:
      "Weight {weight} of layer {layer} is {shape}, the network needs {expected}. Next: use weights of exactly this network.",
    exit: "input",
  },
  LAYER_INVALID: { message: "Layer {layer} ({type}) cannot be built: {problem}.", exit: "input" },
  KERAS_FILE_INVALID: {
    message: "{path} cannot be read as a Keras file: {problem}. Next: save the model again with model.save(...).",
    exit: "input",
  },
  KERAS_MODEL_UNSUPPORTED: {
    message: "The model in {path} cannot be imported: {problem}. Next: docs/keras.md lists what can.",
    exit: "input",
  },
} as const satisfies ErrorTable;
