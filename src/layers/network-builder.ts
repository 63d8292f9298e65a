/** Writes networks down layer by layer, with Keras' defaults. Pure. */
import { type Activation, type Layer, type LayerKind, type LayerOf, linear, type Network, type Pair } from "./layer.ts";
import { inKerasOrder } from "./order.ts";

interface ConvOptions {
  readonly kernel: number;
  readonly stride?: number;
  /** Default same. */
  readonly padding?: "same" | "valid";
  /** Default false. */
  readonly useBias?: boolean;
}

export class NetworkBuilder {
  readonly #layers: Layer[] = [];

  /** Adds a layer; its name stands for its result. */
  add(name: string, kind: LayerKind, inputs: readonly string[]): string {
    this.#layers.push({ ...kind, name, inputs });
    return name;
  }

  input(name: string, shape: readonly (number | null)[] | null): string {
    return this.add(name, { type: "Input", shape }, []);
  }

  conv(name: string, x: string, filters: number, options: ConvOptions): string {
    return this.add(name, { type: "Conv2D", filters, groups: 1, ...convolution(options) }, [x]);
  }

  depthwise(name: string, x: string, options: ConvOptions): string {
    return this.add(name, { type: "DepthwiseConv2D", multiplier: 1, ...convolution(options) }, [x]);
  }

  batchNorm(name: string, x: string, { epsilon, momentum }: { epsilon: number; momentum: number }): string {
    return this.add(name, { type: "BatchNormalization", axis: -1, epsilon, momentum, scale: true, center: true }, [x]);
  }

  activation(name: string, x: string, activation: Activation): string {
    return this.add(name, { type: "Activation", activation }, [x]);
  }

  zeroPadding(name: string, x: string, amounts: LayerOf<"ZeroPadding2D">["amounts"]): string {
    return this.add(name, { type: "ZeroPadding2D", amounts }, [x]);
  }

  sum(name: string, left: string, right: string): string {
    return this.add(name, { type: "Add" }, [left, right]);
  }

  /** The network that ends at a layer, in Keras' order. */
  build(name: string, output: string): Network {
    return inKerasOrder({ name, layers: this.#layers, outputs: [output] });
  }
}

function convolution({ kernel, stride = 1, padding = "same", useBias = false }: ConvOptions) {
  const square: Pair = [kernel, kernel];
  const strides: Pair = [stride, stride];
  const dilation: Pair = [1, 1];
  return { kernel: square, strides, padding, dilation, useBias, activation: linear };
}
