/** A candidate: one model to be trained, with every choice of training. */
import { z } from "zod";
import { slug } from "./quantities.ts";
import { quantization } from "./quantization.ts";

/** Base models that a project file may name; models/bases.ts says which have weights at hand. */
export const baseIds = [
  "efficientnet-lite0",
  "efficientnet-lite1",
  "efficientnet-lite2",
  "efficientnet-lite3",
  "efficientnet-lite4",
  "mobilenetv2",
  "resnet50v2",
  "resnet101v2",
  "resnet152v2",
] as const;

const optimizer = z.strictObject({
  name: z.enum(["adam", "sgd", "momentum", "rmsprop"]).default("adam").describe("Optimizer, with Keras' formulas"),
  learningRate: z.number().positive().default(0.001).describe("Learning rate"),
  momentum: z.number().min(0).max(1).default(0.9).describe("Momentum of `momentum`"),
});

const preprocessing = z.strictObject({
  size: z.int().min(32).max(1024).nullable().default(null).describe("Input side in pixels; null: the base's own"),
  resize: z
    .enum(["base", "stretch", "crop"])
    .default("base")
    .describe("base: as the base was trained; stretch: whole photo, aspect ratio lost; crop: short side, then centre"),
  scale: z
    .enum(["base", "unit", "byte", "symmetric"])
    .default("base")
    .describe(
      "base: the pixel scale that the base was trained on, or that an imported model's first layers tell; unit: 0..1, as the original did for every base; byte: 0..255; symmetric: -1..1",
    ),
});

const head = z.strictObject({
  epochs: z.int().min(1).max(10000).default(40).describe("Epochs of head training"),
  optimizer: optimizer.prefault({}).describe("Optimizer of the head"),
  batchSize: z.int().min(1).max(4096).default(32).describe("Photos a training step"),
  dropout: z.number().min(0).max(0.95).default(0.2).describe("Share of features dropped in training"),
  l2: z.number().min(0).default(0).describe("L2 penalty on the head's weights (Keras: l2 * sum of squares)"),
  patience: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Stop after so many epochs without better validation accuracy; null: train all epochs"),
  photosPerClass: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Train on only the first so many photos a class, in name order; null: all"),
});

const augmentation = z.strictObject({
  rotationDegrees: z.number().min(0).max(180).default(0).describe("Rotation, up to ± this"),
  zoom: z.number().min(0).max(0.9).default(0).describe("Zoom, 1 ± this, for each axis"),
  widthShift: z.number().min(0).max(1).default(0).describe("Shift, ± this share of the width"),
  heightShift: z.number().min(0).max(1).default(0).describe("Shift, ± this share of the height"),
  shearDegrees: z.number().min(0).max(90).default(0).describe("Shear, up to ± this (degrees, as Keras)"),
  horizontalFlip: z.boolean().default(false).describe("Mirror left and right at random"),
  verticalFlip: z.boolean().default(false).describe("Mirror top and bottom at random"),
  fill: z.enum(["nearest", "constant", "reflect", "wrap"]).default("nearest").describe("What fills uncovered pixels"),
  brightness: z.tuple([z.number(), z.number()]).nullable().default(null).describe("Brightness range, as [0.8, 1.2]"),
  channelShift: z.number().min(0).max(255).default(0).describe("Shift of all colour values, ± this"),
});

const importedModel = z.strictObject({
  file: z.string().min(1).describe("Keras file (.h5, .keras), relative to this file"),
  classes: z
    .array(z.string().min(1))
    .min(2)
    .nullable()
    .default(null)
    .describe("Names of the model's outputs in their order; null: the data set's classes in alphabetical order"),
});

const candidateFields = z.strictObject({
  name: slug.describe("Name, used for files"),
  role: z
    .enum(["previous", "accuracy", "latency", "none"])
    .default("none")
    .describe("Place in the comparison; at most one candidate each for previous, accuracy, latency"),
  bases: z
    .array(z.enum(baseIds))
    .default([])
    .describe("Base models; the features of several are joined into one classifier"),
  model: importedModel
    .nullable()
    .default(null)
    .describe("A trained model to import instead of training one on `bases`; null: train"),
  preprocessing: preprocessing.prefault({}).describe("How a photo becomes the base's input"),
  head: head.prefault({}).describe("Head training: the base is frozen"),
  unfreeze: z
    .strictObject({ layers: z.int().min(0).default(0).describe("Last layers un-frozen, as Keras counts the base's") })
    .prefault({})
    .describe("What fine-tuning may change"),
  fineTuning: z
    .strictObject({
      epochs: z.int().min(0).max(10000).default(0).describe("Epochs of fine-tuning; 0: none"),
      optimizer: optimizer.prefault({}).describe("Optimizer of fine-tuning"),
    })
    .prefault({})
    .describe("Fine-tuning after head training"),
  quantize: quantization
    .nullable()
    .default(null)
    .describe("Serve an int8 form of the model, if it keeps its accuracy; null: float"),
  augmentation: augmentation.nullable().default(null).describe("Random changes of training photos; null: none"),
});

export const candidate = candidateFields.superRefine(({ bases, model }, context) => {
  if ((bases.length === 0) === (model === null)) {
    const message = "name base models under bases, or a trained file under model.file: one of the two";
    context.addIssue({ code: "custom", path: [model === null ? "bases" : "model"], message });
  }
});

export type Candidate = z.output<typeof candidate>;
export type Optimizer = z.output<typeof optimizer>;
export type HeadTraining = z.output<typeof head>;
export type BaseId = (typeof baseIds)[number];
