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
  name: z
    .enum(["adam", "adamw", "sgd", "momentum", "rmsprop"])
    .default("adam")
    .describe("Optimizer, with Keras' formulas"),
  learningRate: z.number().positive().default(0.001).describe("Learning rate"),
  momentum: z.number().min(0).max(1).default(0.9).describe("Momentum of `momentum`"),
  nesterov: z.boolean().default(false).describe("Nesterov's form of `momentum`"),
  weightDecay: z.number().min(0).max(1).default(0.004).describe("Weight decay of `adamw`"),
});

const limit = z.number().positive().nullable().default(null);

/** What a training phase may choose, whatever it trains. */
const phase = {
  batchSize: z.int().min(1).max(4096).default(32).describe("Photos a training step"),
  dropout: z.number().min(0).max(0.95).default(0.2).describe("Share of features dropped in training"),
  patience: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Stop after so many epochs without better validation accuracy; null: train all epochs"),
  schedule: z
    .strictObject({
      kind: z.enum(["constant", "cosine", "plateau"]).default("constant").describe("How the learning rate changes"),
      warmupEpochs: z.number().min(0).default(0).describe("cosine: epochs of linear rise; parts of one are allowed"),
      floor: z.number().min(0).max(1).default(0).describe("cosine: last rate, as a share of the first"),
      factor: z.number().positive().max(1).default(0.1).describe("plateau: what the rate is multiplied by"),
      patience: z.int().min(1).default(10).describe("plateau: epochs without a lower validation loss before that"),
      minimumDelta: z.number().min(0).default(0.0001).describe("plateau: a loss is lower by more than this"),
      minimumRate: z.number().min(0).default(0).describe("plateau: the rate does not fall below"),
    })
    .prefault({})
    .describe("Learning-rate schedule (plateau: Keras' ReduceLROnPlateau)"),
  labelSmoothing: z.number().min(0).max(0.99).default(0).describe("Share of a label spread evenly over all classes"),
  classWeights: z
    .union([z.enum(["none", "balanced"]), z.record(z.string(), z.number().min(0))])
    .default("none")
    .describe("balanced: the rarer a class, the more its photos weigh; or a weight by class name (others: 1)"),
  mixup: z
    .number()
    .min(0)
    .default(0)
    .describe("alpha of mixup: what the phase reads of two photos is mixed by a share from Beta(alpha, alpha); 0: off"),
  clip: z
    .strictObject({
      norm: limit.describe("Largest norm of a gradient (Keras' clipnorm)"),
      globalNorm: limit.describe("Largest norm of all gradients together (global_clipnorm)"),
      value: limit.describe("Largest value of a gradient (clipvalue)"),
    })
    .prefault({})
    .describe("Gradient clipping; null: none"),
};

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
  l2: z.number().min(0).default(0).describe("L2 penalty on the head's weights (Keras: l2 * sum of squares)"),
  ...phase,
  photosPerClass: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Train on only the first so many photos a class, in name order; null: all"),
});

/** A share below 1 of the side, or whole pixels, or values of which one is drawn. */
const shift = z.union([z.number().min(0), z.array(z.number()).min(1)]);
const range = (least: number) => z.tuple([z.number().min(least), z.number().min(least)]);

const augmentation = z.strictObject({
  rotationDegrees: z.number().min(0).max(180).default(0).describe("Rotation, up to ± this"),
  zoom: z
    .union([z.number().min(0).max(0.95), range(0.05)])
    .default(0)
    .describe("Zoom of each axis: 1 ± this, or a range as [0.8, 1.3]; above 1 shows more"),
  widthShift: shift
    .default(0)
    .describe("Shift, ± this share; a whole number: pixels; a list: one of these. As Keras, by the width, along rows"),
  heightShift: shift.default(0).describe("The same by the height; as Keras, along columns"),
  shearDegrees: z.number().min(0).max(89).default(0).describe("Shear, up to ± this (degrees, as Keras)"),
  horizontalFlip: z.boolean().default(false).describe("Mirror left and right at random"),
  verticalFlip: z.boolean().default(false).describe("Mirror top and bottom at random"),
  fill: z.enum(["nearest", "constant", "reflect", "wrap"]).default("nearest").describe("What fills uncovered pixels"),
  fillValue: z.number().min(0).max(255).default(0).describe("Level that `constant` fills with"),
  interpolationOrder: z
    .union([z.literal(0), z.literal(1), z.literal(3)])
    .default(1)
    .describe("Spline order of rotation, zoom, shift and shear: 0 nearest, 1 linear, 3 cubic"),
  brightness: range(0).nullable().default(null).describe("Brightness range, as [0.8, 1.2]"),
  channelShift: z.number().min(0).max(255).default(0).describe("Shift of all colour values, ± this"),
  randomCrop: z
    .strictObject({
      area: range(0.01).default([0.35, 1]).describe("Share of the photo's area"),
      aspectRatio: range(0.1).default([0.75, 1.3333]).describe("Width / height, drawn on a logarithmic scale"),
    })
    .nullable()
    .default(null)
    .describe("Take a random part of the photo instead of the usual one (random resized crop)"),
  contrast: range(0).nullable().default(null).describe("Contrast range, as [0.7, 1.3]"),
  saturation: range(0).nullable().default(null).describe("Colour range, 0 grey, 1 unchanged, as [0.7, 1.3]"),
  versions: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .describe("Changed versions of each photo that are made once and used in turn; null: afresh each epoch"),
});

const unfreeze = z.strictObject({
  layers: z.int().min(0).default(0).describe("Last layers un-frozen, as Keras counts each base's"),
  names: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Or these layers by name, `*` for any part of it, BASE/NAME in one base only: all from the first of them on are " +
        "computed in training",
    ),
  batchNorm: z
    .enum(["frozen", "inference", "training"])
    .default("frozen")
    .describe(
      "BatchNormalization among them. frozen: as it is; inference: scale and shift are trained; training: also " +
        "normalises by the batch and moves its statistics, as Keras does unless told otherwise",
    ),
  movingVariance: z
    .enum(["keras2", "keras3"])
    .default("keras3")
    .describe("Variance that moving statistics take: keras2 divides by n - 1, keras3 by n"),
});

const importedModel = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe("Keras file (.h5, .keras), or as a base a float model file (.onnx) of fulcrum; relative to this file"),
  use: z
    .enum(["classifier", "base"])
    .default("classifier")
    .describe(
      "classifier: the model as it is; base: without its last dense layer, in place of `bases`: a new head is trained " +
        "on it, and layers of it are un-frozen as those of a base are",
    ),
  classes: z
    .array(z.string().min(1))
    .min(2)
    .nullable()
    .default(null)
    .describe(
      "classifier: names of the model's outputs in their order; null: the data set's classes in alphabetical order",
    ),
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
    .describe("A trained model to import instead of `bases`, as it is or to be trained further; null: none"),
  preprocessing: preprocessing.prefault({}).describe("How a photo becomes the base's input"),
  head: head.prefault({}).describe("Head training: the base is frozen"),
  unfreeze: unfreeze.prefault({}).describe("What fine-tuning may change"),
  fineTuning: z
    .strictObject({
      epochs: z.int().min(0).max(10000).default(0).describe("Epochs of fine-tuning; 0: none"),
      optimizer: optimizer.prefault({}).describe("Optimizer of fine-tuning, which begins anew"),
      ...phase,
    })
    .prefault({})
    .describe("Fine-tuning after head training: the head and the un-frozen layers"),
  quantize: quantization
    .nullable()
    .default(null)
    .describe("Serve an int8 form of the model, if it keeps its accuracy; null: float"),
  augmentation: augmentation.nullable().default(null).describe("Random changes of training photos; null: none"),
  featureDiskGb: z
    .number()
    .positive()
    .default(20)
    .describe("Largest size of the features that training keeps on disk, GB; what needs more is refused beforehand"),
});

export const candidate = candidateFields.superRefine(({ bases, model, unfreeze, fineTuning }, context) => {
  if ((bases.length === 0) === (model === null)) {
    const message = "name base models under bases, or a trained file under model.file: one of the two";
    context.addIssue({ code: "custom", path: [model === null ? "bases" : "model"], message });
  }
  const isTuned = fineTuning.epochs > 0 || unfreeze.layers > 0 || unfreeze.names.length > 0;
  if (model?.use === "classifier" && isTuned) {
    const message = "a classifier is imported as it is; to fine-tune it say `use: base`";
    context.addIssue({ code: "custom", path: ["model", "use"], message });
  }
  if (model?.use === "base" && model.classes !== null) {
    const message = "with `use: base` the classes are those of the photos; leave this out";
    context.addIssue({ code: "custom", path: ["model", "classes"], message });
  }
});

export type Augmentation = z.output<typeof augmentation>;
export type Candidate = z.output<typeof candidate>;
export type Optimizer = z.output<typeof optimizer>;
export type FineTuning = Candidate["fineTuning"];
export type HeadTraining = z.output<typeof head>;
export type BaseId = (typeof baseIds)[number];
