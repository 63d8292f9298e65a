/** Specification of the layers of a network: convolution, normalisation, pooling, matrix products. */
import type { OpName } from "../names.ts";
import type { Node, ValueType } from "../node.ts";
import { broadcastShapes, type Dim, renderShape } from "../shape.ts";
import {
  checkRank,
  floats,
  listAttribute,
  numberAttribute,
  type OpCall,
  type OpSpec,
  required,
  staticDim,
  textAttribute,
} from "../spec.ts";
import type { DataType } from "../tensor.ts";

const float = [...floats];
/** The largest of a window: any order does. */
const comparable: readonly DataType[] = [...floats, "uint8", "int8"];

const poolAttributes = {
  kernel_shape: { kind: "ints", otherwise: "required" },
  strides: { kind: "ints", otherwise: [1, 1] },
  pads: { kind: "ints", otherwise: [0, 0, 0, 0] },
} as const;

export const layerOps = {
  Conv: {
    inputs: [
      { name: "X", types: float },
      { name: "W", types: float },
      { name: "B", types: float, optional: true },
    ],
    attributes: {
      strides: { kind: "ints", otherwise: [1, 1] },
      pads: { kind: "ints", otherwise: [0, 0, 0, 0] },
      dilations: { kind: "ints", otherwise: [1, 1] },
      group: { kind: "int", otherwise: 1 },
      auto_pad: { kind: "string", otherwise: "NOTSET" },
      kernel_shape: { kind: "ints", otherwise: "absent" },
    },
    infer: inferConv,
  },
  BatchNormalization: {
    inputs: ["X", "scale", "B", "input_mean", "input_var"].map((name) => ({ name, types: float })),
    attributes: {
      epsilon: { kind: "float", otherwise: 1e-5 },
      momentum: { kind: "float", otherwise: 0.9 },
      training_mode: { kind: "int", otherwise: 0 },
    },
    infer: inferBatchNormalization,
  },
  GlobalAveragePool: {
    inputs: [{ name: "X", types: float }],
    infer: (call) => {
      const x = required(call, 0);
      checkRank(call, x, 4, "[N,C,H,W]");
      return { dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, 1, 1] };
    },
  },
  // A pad is no part of a mean: ONNX's count_include_pad is 0.
  AveragePool: { inputs: [{ name: "X", types: float }], attributes: poolAttributes, infer: inferPool },
  MaxPool: { inputs: [{ name: "X", types: comparable }], attributes: poolAttributes, infer: inferPool },
  MatMul: {
    inputs: [
      { name: "A", types: float },
      { name: "B", types: float },
    ],
    infer: inferMatMul,
  },
  Gemm: {
    inputs: [
      { name: "A", types: float },
      { name: "B", types: float },
      { name: "C", types: float, optional: true },
    ],
    attributes: {
      alpha: { kind: "float", otherwise: 1 },
      beta: { kind: "float", otherwise: 1 },
      transA: { kind: "int", otherwise: 0 },
      transB: { kind: "int", otherwise: 0 },
    },
    infer: inferGemm,
  },
} as const satisfies Partial<Record<OpName, OpSpec>>;

/** Two-dimensional convolution, X [N,C,H,W], W [M,C/group,kH,kW], B [M]; pads are [top,left,bottom,right]. */
function inferConv(call: OpCall): ValueType {
  const x = required(call, 0);
  const w = required(call, 1);
  checkRank(call, x, 4, "[N,C,H,W]");
  checkRank(call, w, 4, "[M,C/group,kH,kW]");
  if (textAttribute(call, "auto_pad") !== "NOTSET") call.fail("auto_pad is not supported, give explicit pads");
  const kernel = w.shape.slice(2).map((dim) => staticDim(call, dim, "the kernel's size"));
  const declared = listAttribute(call, "kernel_shape");
  if (declared && declared.join() !== kernel.join())
    call.fail(`kernel_shape ${declared.join()} is not W's ${kernel.join()}`);
  const group = numberAttribute(call, "group");
  const channels = staticDim(call, x.shape[1], "the number of X's channels");
  const filters = staticDim(call, w.shape[0], "the number of filters");
  const perGroup = staticDim(call, w.shape[1], "the number of W's channels");
  if (group < 1 || channels !== perGroup * group) {
    call.fail(`X has ${channels} channels, W takes ${perGroup} in each of ${group} groups`);
  }
  if (filters % group !== 0) call.fail(`${filters} filters cannot be divided into ${group} groups`);
  checkVector(call, call.inputs[2], filters);
  const spatial = [0, 1].map((axis) => windowCount(call, x.shape[axis + 2]!, kernel[axis]!, axis));
  return { dtype: x.dtype, shape: [x.shape[0]!, filters, ...spatial] };
}

/** Two-dimensional pooling, X [N,C,H,W]; each window must hold at least one value that is no pad. */
function inferPool(call: OpCall): ValueType {
  const x = required(call, 0);
  checkRank(call, x, 4, "[N,C,H,W]");
  const kernel = listOf(call, "kernel_shape", 2);
  const pads = listOf(call, "pads", 4);
  if (pads.some((pad, i) => pad >= kernel[i % 2]!)) call.fail(`pads ${pads.join()} are not below ${kernel.join()}`);
  const spatial = [0, 1].map((axis) => windowCount(call, x.shape[axis + 2]!, kernel[axis]!, axis));
  return { dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, ...spatial] };
}

/** Number of positions of the kernel along a spatial axis (0 rows, 1 columns). */
function windowCount(call: OpCall, dim: Dim, kernel: number, axis: number): number {
  const size = staticDim(call, dim, "the size of X's picture");
  const pads = listOf(call, "pads", 4);
  const stride = listOf(call, "strides", 2)[axis]!;
  const dilations = listAttribute(call, "dilations") === null ? [1, 1] : listOf(call, "dilations", 2);
  const extent = dilations[axis]! * (kernel - 1) + 1;
  const room = size + pads[axis]! + pads[axis + 2]! - extent;
  if (room < 0 || stride < 1)
    call.fail(`a window of ${extent} at stride ${stride} does not fit into ${size} with pads ${pads.join()}`);
  return Math.floor(room / stride) + 1;
}

function listOf(call: OpCall, name: string, length: number): readonly number[] {
  const list = listAttribute(call, name)!;
  return list.length === length ? list : call.fail(`${name} must have ${length} numbers, it is ${list.join()}`);
}

/** Refuses a per-channel vector of another length; an absent one passes. */
function checkVector(call: OpCall, vector: Node | null | undefined, length: number): void {
  if (vector && (vector.shape.length !== 1 || vector.shape[0] !== length)) {
    call.fail(`${vector.name} must be [${length}], its shape is ${renderShape(vector.shape)}`);
  }
}

function inferBatchNormalization(call: OpCall): ValueType {
  const x = required(call, 0);
  if (numberAttribute(call, "training_mode") !== 0) call.fail("training_mode is not supported, only 0");
  const channels = staticDim(call, x.shape[1], "the number of X's channels");
  for (const vector of call.inputs.slice(1)) checkVector(call, vector, channels);
  return { dtype: x.dtype, shape: x.shape };
}

/** Matrix product over the last two dimensions, the others broadcast; both inputs have at least two. */
function inferMatMul(call: OpCall): ValueType {
  const a = required(call, 0);
  const b = required(call, 1);
  const text = `${renderShape(a.shape)} and ${renderShape(b.shape)}`;
  if (a.shape.length < 2 || b.shape.length < 2) call.fail(`both inputs need two dimensions, they are ${text}`);
  if (a.shape.at(-1) !== b.shape.at(-2)) call.fail(`inner dimensions differ: ${text}`);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (batch === null) call.fail(`outer dimensions do not broadcast: ${text}`);
  return { dtype: a.dtype, shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] };
}

function inferGemm(call: OpCall): ValueType {
  const a = required(call, 0);
  const b = required(call, 1);
  checkRank(call, a, 2, "a matrix");
  checkRank(call, b, 2, "a matrix");
  const [rows, innerA] = numberAttribute(call, "transA") ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [innerB, columns] = numberAttribute(call, "transB") ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (innerA !== innerB) call.fail(`inner dimensions differ: ${innerA} and ${innerB}`);
  const shape = [rows, columns];
  const c = call.inputs[2];
  if (c && broadcastShapes(shape, c.shape)?.join() !== shape.join()) {
    call.fail(`C ${renderShape(c.shape)} does not broadcast to ${renderShape(shape)}`);
  }
  return { dtype: a.dtype, shape };
}
