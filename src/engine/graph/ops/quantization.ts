/** Specification of the operations between real values and integers: value = scale * (quantised - zero point). */
import type { OpName } from "../names.ts";
import type { ValueType } from "../node.ts";
import { checkedAxis, numberAttribute, type OpCall, type OpSpec, required } from "../spec.ts";
import type { DataType } from "../tensor.ts";

const real: readonly DataType[] = ["float32"];
const integer: readonly DataType[] = ["uint8", "int8", "int32"];
const narrow: readonly DataType[] = ["uint8", "int8"];

export const quantizationOps = {
  QuantizeLinear: {
    inputs: [
      { name: "x", types: real },
      { name: "y_scale", types: real },
      { name: "y_zero_point", types: narrow },
    ],
    attributes: { axis: { kind: "int", otherwise: 1 } },
    infer: (call) => quantized(call, required(call, 2).dtype),
  },
  DequantizeLinear: {
    inputs: [
      { name: "x", types: integer },
      { name: "x_scale", types: real },
      { name: "x_zero_point", types: integer, optional: true },
    ],
    attributes: { axis: { kind: "int", otherwise: 1 } },
    infer: (call) => quantized(call, "float32"),
  },
} as const satisfies Partial<Record<OpName, OpSpec>>;

/** The shape stays; scale and zero point are scalars, or hold a value for each index of the axis. */
function quantized(call: OpCall, dtype: DataType): ValueType {
  const { shape } = required(call, 0);
  const scale = required(call, 1);
  if (scale.shape.length > 0) {
    const axis = checkedAxis(call, numberAttribute(call, "axis"), shape.length);
    if (scale.shape.length !== 1 || scale.shape[0] !== shape[axis]) {
      call.fail(`the scale must be a scalar or have ${shape[axis]} values, one for each index of axis ${axis}`);
    }
  }
  const zeroPoint = call.inputs[2];
  if (zeroPoint && zeroPoint.shape.join() !== scale.shape.join()) call.fail("zero point and scale differ in shape");
  return { dtype, shape };
}
