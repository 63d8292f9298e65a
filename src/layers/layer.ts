/**
 * Networks as Keras counts them: a list of layers with Keras' names and exact semantics, from which an engine graph is
 * lowered (lower/). Base models are built so (bases/), Keras files are read into it (../keras). Pure.
 */

/** Rows, columns. */
export type Pair = readonly [number, number];
export type Padding = "same" | "valid";

/** A function of each value, or for softmax of the last axis. */
export type Activation =
  | { readonly kind: "linear" | "sigmoid" | "tanh" | "softmax" | "softplus" | "softsign" | "exponential" }
  | { readonly kind: "swish" | "mish" | "selu" | "logSoftmax" }
  /** max(x, threshold), above; negativeSlope (x - threshold) below threshold; at most maxValue. */
  | {
      readonly kind: "relu";
      readonly maxValue: number | null;
      readonly negativeSlope: number;
      readonly threshold: number;
    }
  | { readonly kind: "elu"; readonly alpha: number }
  | { readonly kind: "gelu"; readonly approximate: boolean }
  /** clip(slope x + 1/2, 0, 1): slope 1/5 in Keras 2, 1/6 in Keras 3. */
  | { readonly kind: "hardSigmoid"; readonly slope: number }
  /** x clip(x / 6 + 1/2, 0, 1). */
  | { readonly kind: "hardSwish" };

interface Convolution {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly useBias: boolean;
  readonly activation: Activation;
}

/** What a layer computes. Pictures are [N, rows, columns, channels] in Keras' terms; axes are those, from 0. */
export type LayerKind =
  | { readonly type: "Input"; readonly shape: readonly (number | null)[] | null }
  | ({ readonly type: "Conv2D"; readonly filters: number; readonly groups: number } & Convolution)
  | ({ readonly type: "DepthwiseConv2D"; readonly multiplier: number } & Convolution)
  | ({ readonly type: "SeparableConv2D"; readonly filters: number; readonly multiplier: number } & Convolution)
  | { readonly type: "Dense"; readonly units: number; readonly useBias: boolean; readonly activation: Activation }
  | {
      readonly type: "BatchNormalization";
      /** Only the last axis, the channels, can be lowered. */
      readonly axis: number;
      readonly epsilon: number;
      readonly momentum: number;
      readonly scale: boolean;
      readonly center: boolean;
    }
  | { readonly type: "Activation"; readonly activation: Activation }
  | { readonly type: "Softmax"; readonly axis: number }
  /** Slopes of negative values are a weight, shared over the axes given. */
  | { readonly type: "PReLU"; readonly sharedAxes: readonly number[] }
  /** Top, left, bottom, right. */
  | { readonly type: "ZeroPadding2D" | "Cropping2D"; readonly amounts: readonly [number, number, number, number] }
  | {
      readonly type: "MaxPooling2D" | "AveragePooling2D";
      readonly size: Pair;
      readonly strides: Pair;
      readonly padding: Padding;
    }
  | { readonly type: "GlobalAveragePooling2D" | "GlobalMaxPooling2D"; readonly keepDims: boolean }
  | { readonly type: "Add" | "Subtract" | "Multiply" | "Average" | "Maximum" | "Minimum" }
  | { readonly type: "Concatenate"; readonly axis: number }
  | { readonly type: "Flatten" }
  | { readonly type: "Reshape"; readonly shape: readonly number[] }
  /** x scale + offset, a value a channel or one for all. */
  | { readonly type: "Rescaling"; readonly scale: readonly number[]; readonly offset: readonly number[] }
  /** (x - mean) / max(sqrt(variance), 1e-7), a value a channel; null: they are weights. */
  | {
      readonly type: "Normalization";
      readonly axis: number;
      readonly constants: { readonly mean: readonly number[]; readonly variance: readonly number[] } | null;
    }
  | { readonly type: "Dropout"; readonly rate: number }
  /** What does nothing at inference. */
  | { readonly type: "Identity" };

export type Layer = LayerKind & {
  /** Unique in its network. */
  readonly name: string;
  /** Names of the layers that it reads, in order. */
  readonly inputs: readonly string[];
  /** The layer whose weights it uses, where it is the second call of that layer. */
  readonly sharedWith?: string;
};

export type LayerType = LayerKind["type"];
export type LayerOf<T extends LayerType> = Layer & { readonly type: T };

export interface Network {
  readonly name: string;
  /** In Keras' order (`model.layers`): each after those that it reads. */
  readonly layers: readonly Layer[];
  /** Names of the layers whose results are the network's. */
  readonly outputs: readonly string[];
}

export const linear: Activation = { kind: "linear" };
export const relu: Activation = { kind: "relu", maxValue: null, negativeSlope: 0, threshold: 0 };
export const relu6: Activation = { ...relu, maxValue: 6 };
