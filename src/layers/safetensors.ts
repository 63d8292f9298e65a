/**
 * Reads safetensors files (format of safetensors 0.4): 8 bytes of header length, a JSON header, then the tensors.
 * The file is hostile input: lengths, offsets, overlaps, holes and sizes are checked before anything is read. Pure.
 */
import { FulcrumError } from "../errors/index.ts";
import type { Weights } from "./weights.ts";

type StoredType = "F16" | "F32";

interface Entry {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** Byte offsets in the data part; end is exclusive. */
  readonly begin: number;
  readonly end: number;
}

const bytesOf: Readonly<Record<StoredType, number>> = { F16: 2, F32: 4 };
const headerLengthBytes = 8;
/** The format's own limit. */
const maximumHeaderBytes = 100_000_000;

/**
 * All tensors of a file, F16 widened to float32.
 * @param path named in errors
 * @throws MODEL_WEIGHTS_INVALID
 */
export function parseSafetensors(bytes: Uint8Array, path: string): Weights {
  return parseTensors(bytes, path).tensors;
}

/** As parseSafetensors, with the texts of the file's `__metadata__`. */
export function parseTensors(
  bytes: Uint8Array,
  path: string,
): { tensors: Weights; metadata: Readonly<Record<string, string>> } {
  const fail = (problem: string): never => {
    throw new FulcrumError("MODEL_WEIGHTS_INVALID", { path, problem });
  };
  const { header, data } = splitFile(bytes, fail);
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => checkEntry(name, value, fail));
  checkCoverage(entries, data.byteLength, fail);
  const tensors = new Map(entries.map((entry) => [entry.name, { shape: entry.shape, data: widen(entry, data) }]));
  return { tensors, metadata: textsOf(header) };
}

function textsOf(header: object): Record<string, string> {
  const { __metadata__: values } = header as { readonly __metadata__?: unknown };
  const entries = typeof values === "object" && values !== null ? Object.entries(values) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

type Fail = (problem: string) => never;

function splitFile(bytes: Uint8Array, fail: Fail): { header: object; data: Uint8Array } {
  if (bytes.byteLength < headerLengthBytes) fail("it is shorter than a header length");
  const length = new DataView(bytes.buffer, bytes.byteOffset, headerLengthBytes).getBigUint64(0, true);
  const room = Math.min(bytes.byteLength - headerLengthBytes, maximumHeaderBytes);
  if (length > BigInt(room)) fail(`its header claims ${length} bytes, at most ${room} are possible`);
  const end = headerLengthBytes + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(headerLengthBytes, end)));
  } catch {
    fail("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) return fail("its header is no object");
  return { header, data: bytes.subarray(end) };
}

function checkEntry(name: string, value: unknown, fail: Fail): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (dtype !== "F16" && dtype !== "F32") return fail(`tensor ${name} has type ${dtype}, allowed: F16, F32`);
  if (!isSizes(shape)) return fail(`tensor ${name} has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) return fail(`tensor ${name} has no valid offsets`);
  const [begin, end] = offsets as [number, number];
  const size = shape.reduce((product, dim) => product * dim, bytesOf[dtype]);
  if (end - begin !== size) fail(`tensor ${name} has ${end - begin} bytes where its shape needs ${size}`);
  return { name, dtype, shape, begin, end };
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** The format wants the data part covered without overlap or hole: nothing is hidden, nothing counted twice. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, fail: Fail): void {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) fail(`tensor ${name} starts at byte ${begin} of the data, expected ${covered}`);
    covered = end;
  }
  if (covered !== dataBytes) fail(`its tensors cover ${covered} bytes of ${dataBytes}`);
}

function widen({ dtype, begin, end }: Entry, data: Uint8Array): Float32Array {
  // A copy: it is aligned, and does not keep the whole file in memory. (A Buffer's slice would be a view.)
  const { buffer } = new Uint8Array(data.subarray(begin, end));
  if (dtype === "F32") return new Float32Array(buffer);
  const halves = new Uint16Array(buffer);
  const widened = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) widened[i] = halfToNumber(halves[i]!);
  return widened;
}

/** IEEE 754 binary16, given by its bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
