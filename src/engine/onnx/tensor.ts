/** Constants as ONNX tensors. Raw data is little-endian, as every machine that ONNX Runtime runs on. Pure. */
import { create } from "@bufbuild/protobuf";
import {
  arrayTypes,
  type ConstantNode,
  type DataType,
  elementCount,
  type TensorData,
  type TensorValue,
} from "../graph/index.ts";
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from "./onnx_pb.ts";
import { dataTypeOf, onnxTypes } from "./types.ts";

export function encodeTensor(node: ConstantNode): TensorProto {
  const { buffer, byteOffset, byteLength } = node.data;
  return create(TensorProtoSchema, {
    name: node.name,
    dataType: onnxTypes[node.dtype],
    dims: node.shape.map(BigInt),
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}

/**
 * The tensor's values; null if it is of another data type than the engine's, lies outside of the file, or is cut short.
 */
export function decodeTensor(proto: TensorProto): TensorValue | null {
  const dtype = dataTypeOf(proto.dataType);
  if (dtype === null || proto.dataLocation === TensorProto_DataLocation.EXTERNAL) return null;
  const dims = proto.dims.map(Number);
  const data = proto.rawData.length > 0 ? fromRawData(dtype, proto.rawData) : fromFields(dtype, proto);
  return data?.length === elementCount(dims) ? { dtype, dims, data } : null;
}

/** Copies, because raw data may start at any byte of the file. (A Buffer's slice would be a view.) */
function fromRawData(dtype: DataType, raw: Uint8Array): TensorData | null {
  const ArrayType = arrayTypes[dtype];
  return raw.byteLength % ArrayType.BYTES_PER_ELEMENT === 0 ? new ArrayType(new Uint8Array(raw).buffer) : null;
}

/** The typed fields, which other writers use for small tensors. */
function fromFields(dtype: DataType, proto: TensorProto): TensorData {
  if (dtype === "float32") return Float32Array.from(proto.floatData);
  if (dtype === "float64") return Float64Array.from(proto.doubleData);
  if (dtype === "int64") return BigInt64Array.from(proto.int64Data);
  return arrayTypes[dtype].from(proto.int32Data);
}
