/** Data types by ONNX's number (onnx.proto, TensorProto.DataType), and the versions that every written file states. */
import { type DataType, dataTypes } from "../graph/index.ts";
import { TensorProto_DataType } from "./onnx_pb.ts";

export const onnxTypes: Readonly<Record<DataType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  uint8: TensorProto_DataType.UINT8,
  int8: TensorProto_DataType.INT8,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

/** Operator set: the first with axes as input for every reduction. Read by ONNX Runtime >= 1.14. */
export const opsetVersion = 18n;
/** Files of operator sets from this one on are read: what changed up to 18 is brought to its form (see upgrade.ts). */
export const oldestOpsetVersion = 13n;
/** File format of ONNX 1.13. */
export const irVersion = 8n;

/** The engine's data type for ONNX's number, or null if it has none. */
export function dataTypeOf(onnxType: number): DataType | null {
  return dataTypes.find((dtype) => onnxTypes[dtype] === onnxType) ?? null;
}
