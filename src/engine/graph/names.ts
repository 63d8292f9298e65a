/** The closed list of operations that a graph may hold. Names and meaning are ONNX's, at the opset that ../onnx pins. */

export const opNames = [
  // elementwise
  "Identity",
  "Cast",
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Neg",
  "Exp",
  "Log",
  "Sqrt",
  "Relu",
  "Sigmoid",
  "Tanh",
  "Erf",
  "Clip",
  "Greater",
  "Less",
  "Equal",
  "Where",
  // reductions and normalisations
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "Softmax",
  "LogSoftmax",
  // layers
  "Conv",
  "BatchNormalization",
  "GlobalAveragePool",
  "AveragePool",
  "MaxPool",
  "MatMul",
  "Gemm",
  // layout
  "Transpose",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Expand",
  "Concat",
  "Pad",
  "Slice",
  "Gather",
  "Shape",
  "Size",
  // quantisation
  "QuantizeLinear",
  "DequantizeLinear",
] as const;

export type OpName = (typeof opNames)[number];

const known: ReadonlySet<string> = new Set(opNames);

/** True for an operation of the closed list. */
export function isOpName(name: string): name is OpName {
  return known.has(name);
}
