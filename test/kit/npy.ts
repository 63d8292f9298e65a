/** Reads NumPy's .npy files (format 1.0 to 3.0), little-endian and C order: how reference arrays are kept. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Uint8Array | Int32Array | BigInt64Array;
}

const arrayTypes = {
  "<f4": Float32Array,
  "<f8": Float64Array,
  "|u1": Uint8Array,
  "<i4": Int32Array,
  "<i8": BigInt64Array,
} as const;

export function readNpy(path: string): NpyArray {
  const file = readFileSync(path);
  assert.equal(file.toString("latin1", 0, 6), "\x93NUMPY", `${path} is no .npy file`);
  const wide = file[6]! > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? file.readUInt32LE(8) : file.readUInt16LE(8));
  const header = file.toString("latin1", start, end);
  const descr = /'descr': '([^']+)'/.exec(header)?.[1] ?? "";
  const arrayType = arrayTypes[descr as keyof typeof arrayTypes];
  assert.ok(arrayType, `${path}: type ${descr} is not known here`);
  assert.match(header, /'fortran_order': False/);
  const dims = /'shape': \(([^)]*)\)/.exec(header)?.[1] ?? "";
  const shape = dims.split(",").filter((part) => part.trim() !== "");
  return { shape: shape.map(Number), data: new arrayType(new Uint8Array(file.subarray(end)).buffer) };
}
