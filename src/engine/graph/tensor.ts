/** Element types and plain tensors: what a constant of a graph holds, and what a session takes and gives. */

/** How the elements of each data type are held. `bool` is one byte an element, 0 or 1. */
export const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

export type DataType = keyof typeof arrayTypes;

export const dataTypes = Object.keys(arrayTypes) as readonly DataType[];

export type TensorData = Float32Array | Float64Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

/** A tensor with its values, row-major: the last dimension runs fastest. */
export interface TensorValue {
  readonly dtype: DataType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** True for a data type that the engine knows. */
export function isDataType(name: string): name is DataType {
  return Object.hasOwn(arrayTypes, name);
}

/** Number of elements of a tensor of these dimensions; 1 for a scalar (`[]`). */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** A tensor filled with one value. */
export function filledTensor(dtype: DataType, dims: readonly number[], value: number): TensorValue {
  return { dtype, dims, data: tensorDataFrom(dtype, new Array<number>(elementCount(dims)).fill(value)) };
}

/** Numbers as the typed array of a data type (int64 becomes BigInt64Array). */
export function tensorDataFrom(dtype: DataType, values: readonly number[]): TensorData {
  if (dtype === "int64") return BigInt64Array.from(values, BigInt);
  return arrayTypes[dtype].from(values);
}
