/**
 * The values of a graph while it is quantised: each exists as a real node, as integers, or as both, and is converted
 * when somebody asks for the other form.
 */
import type { GraphBuilder, Node } from "../../engine/graph/index.ts";
import { activationParams, type QuantParams, type Range } from "./parameters.ts";

/** uint8 integers that stand for real values; the zero point may be a fraction until `asIntegers` settles it. */
export interface Integers extends QuantParams {
  readonly node: Node;
}

interface Forms {
  real?: Node;
  integers?: Integers;
}

/** Range of the values of a node of the old graph. */
export type RangeOf = (node: Node) => Range;

export class QuantizedValues {
  readonly #b: GraphBuilder;
  readonly #rangeOf: RangeOf;
  readonly #forms = new Map<Node, Forms>();

  constructor(b: GraphBuilder, rangeOf: RangeOf) {
    this.#b = b;
    this.#rangeOf = rangeOf;
  }

  /** Says what stands for a node of the old graph. */
  setReal(old: Node, real: Node): void {
    this.#formsOf(old).real = real;
  }

  setIntegers(old: Node, integers: Integers): void {
    this.#formsOf(old).integers = integers;
  }

  /** Integers that exist already, whatever their zero point; undefined where the value is real only. */
  existingIntegers(old: Node): Integers | undefined {
    return this.#formsOf(old).integers;
  }

  /** The value as a real node. */
  real(old: Node): Node {
    const forms = this.#formsOf(old);
    forms.real ??= this.dequantize(forms.integers!);
    return forms.real;
  }

  /** The value as integers with a whole zero point. */
  asIntegers(old: Node): Integers {
    const forms = this.#formsOf(old);
    if (forms.integers && Number.isInteger(forms.integers.zeroPoint)) return forms.integers;
    forms.integers = this.quantize(this.real(old), old);
    return forms.integers;
  }

  /** Quantises a new node with the range of an old one. */
  quantize(real: Node, old: Node): Integers {
    const params = activationParams(this.#rangeOf(old));
    return { node: this.#b.quantizeLinear(real, ...this.#constants(params)), ...params };
  }

  /** Integers as real values; ONNX has no fractions as zero points, so such a one is subtracted afterwards. */
  dequantize({ node, scale, zeroPoint }: Integers): Node {
    const b = this.#b;
    if (Number.isInteger(zeroPoint)) return b.dequantizeLinear(node, ...this.#constants({ scale, zeroPoint }));
    return b.sub(b.dequantizeLinear(node, ...this.#constants({ scale, zeroPoint: 0 })), b.scalar(scale * zeroPoint));
  }

  #constants({ scale, zeroPoint }: QuantParams): [Node, Node] {
    return [this.#b.scalar(scale), this.#b.scalar(zeroPoint, "uint8")];
  }

  #formsOf(old: Node): Forms {
    const existing = this.#forms.get(old);
    if (existing) return existing;
    const forms: Forms = {};
    this.#forms.set(old, forms);
    return forms;
  }
}
