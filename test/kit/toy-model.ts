/** A model file whose answers are known without running it: the class is the photo's strongest colour. */
import { GraphBuilder } from "../../src/engine/graph/index.ts";
import {
  type ModelMetadata,
  metadataFormatVersion,
  probabilitiesOutput,
  renderModelFile,
} from "../../src/models/index.ts";
import type { Preprocessing } from "../../src/records/preprocessing.ts";

export const toyClasses = ["Red", "Green", "Blue"];

const side = 8;
const colours: Preprocessing = {
  input: "image",
  size: side,
  resize: "stretch",
  shortSide: side,
  interpolation: "bicubic",
  mean: 0,
  std: 255,
};

/** probabilities = softmax(10 x mean of each channel on 0..1): pure red gives e^10 / (e^10 + 2) = 0.99991 for Red. */
export function toyModelFile(classes: string[] = toyClasses): Uint8Array {
  const b = new GraphBuilder();
  const photo = b.input(colours.input, "uint8", ["N", side, side, 3]);
  const pixels = b.div(b.cast(b.transpose(photo, [0, 3, 1, 2]), "float32"), b.scalar(colours.std));
  const means = b.flatten(b.globalAveragePool(pixels));
  b.output(probabilitiesOutput, b.softmax(b.mul(means, b.scalar(10))));
  return renderModelFile(b.build("toy"), sampleMetadata(classes, [colours]));
}

/** Complete metadata for a model that was never trained. */
export function sampleMetadata(classes: string[], preprocessing: Preprocessing[]): ModelMetadata {
  const head = { epochs: 1, optimizer: "adam", learningRate: 0.01, batchSize: 32, dropout: 0, l2: 0 };
  const plain = { schedule: "constant", labelSmoothing: 0, classWeights: "none", mixup: 0, clip: "none" };
  return {
    formatVersion: metadataFormatVersion,
    versions: { fulcrum: "0.0.0", onnxruntime: "0.0.0" },
    classes,
    preprocessing,
    bases: [
      {
        id: "toy",
        title: "Toy",
        licence: "Apache-2.0",
        origin: "made by a test",
        weightsSha256: "0".repeat(64),
        parameters: 0,
        sizeBytes: 0,
        imagenetTop1: 0,
        imagenetTop1Source: "none",
      },
    ],
    training: {
      candidate: "toy",
      role: "none",
      choices: {
        augmentation: null,
        head: { ...head, ...plain, patience: null, photosPerClass: null },
        unfrozenLayers: 0,
        fineTuning: null,
      },
      photos: { training: 3, validation: 3 },
      data: { name: "none", sha256: "0".repeat(64) },
      seed: 1,
      epochs: 1,
      bestEpoch: 1,
      stoppedEarly: false,
      fineTuning: null,
      validationAccuracy: 1,
      validationLoss: 0,
    },
    synthetic: true,
    compression: null,
    imported: null,
    evaluation: null,
  };
}
