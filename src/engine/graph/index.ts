/** The graph: IR, builder, order, verifier. Pure: no files, no runtime. */
export {
  type ConvOptions,
  type GemmOptions,
  GraphBuilder,
  type Named,
  type PoolOptions,
  type ReduceOptions,
} from "./builder.ts";
export { isOpName, type OpName, opNames } from "./names.ts";
export {
  type Attribute,
  type Attributes,
  type ConstantNode,
  type Graph,
  type GraphOutput,
  type InputNode,
  inputsOf,
  isOperation,
  type Node,
  type OperationNode,
  type ValueType,
} from "./node.ts";
export { attributeKind } from "./ops/index.ts";
export { topologicalOrder } from "./order.ts";
export { type Dim, isDim, renderShape, type Shape, sameShape, staticDims } from "./shape.ts";
export {
  arrayTypes,
  type DataType,
  dataTypes,
  elementCount,
  filledTensor,
  isDataType,
  type TensorData,
  type TensorValue,
  tensorDataFrom,
} from "./tensor.ts";
export { verifyGraph } from "./verify.ts";
