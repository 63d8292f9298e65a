/**
 * Tensors of the V2 protocol to photos for the workers, and probabilities back to tensors. Pure.
 * Binary numbers are little endian; a BYTES element is its length as u32 and then its bytes.
 */
import { FulcrumError } from "../../errors/index.ts";
import type { PhotoForm, ServedModel } from "../messages.ts";
import type { InferInput, InferRequest } from "./schemas.ts";

/** The name of the input that takes encoded photos. */
export const photoInput = "photo";

export interface PhotoBatch {
  readonly form: PhotoForm;
  /** One a photo, in the order of the first dimension. */
  readonly photos: readonly Uint8Array[];
}

/** An input tensor with its bytes, where they came after the JSON part. */
export interface ReceivedTensor {
  readonly input: InferInput;
  readonly binary: Uint8Array | undefined;
}

/**
 * Cuts what follows the JSON part into the tensors that announced a size.
 * @throws SERVE_TENSOR_INVALID where sizes and bytes do not add up
 */
export function splitBinary(request: InferRequest, tail: Uint8Array): ReceivedTensor[] {
  let start = 0;
  const tensors = request.inputs.map((input) => {
    const size = input.parameters?.binary_data_size;
    if (size === undefined) return { input, binary: undefined };
    const isSize = typeof size === "number" && Number.isInteger(size) && size >= 0;
    if (!isSize || start + size > tail.byteLength)
      throw invalid(
        input.name,
        `binary_data_size ${JSON.stringify(size)}`,
        `${tail.byteLength - start} bytes are there`,
      );
    const binary = tail.subarray(start, start + size);
    start += size;
    return { input, binary };
  });
  if (start !== tail.byteLength)
    throw invalid(
      "(all)",
      `${tail.byteLength - start} bytes too many`,
      "binary_data_size of all inputs covers the body",
    );
  return tensors;
}

/**
 * @param maxPhotos checked against the shapes before anything is made of the data
 * @throws SERVE_TENSOR_INVALID naming the input, what is wrong, and what is allowed
 */
export function photosOf(tensors: readonly ReceivedTensor[], model: ServedModel, maxPhotos: number): PhotoBatch {
  for (const { input } of tensors)
    if (input.shape[0]! > maxPhotos)
      throw invalid(input.name, `${input.shape[0]} photos`, `at most ${maxPhotos} in one request`);
  const names = tensors.map(({ input }) => input.name);
  if (names.length === 1 && names[0] === photoInput) return { form: "photo", photos: encodedPhotos(tensors[0]!) };
  const wanted = model.inputs.map(({ name }) => name);
  const allowed = `the input ${photoInput} alone, or ${wanted.join(" and ")}`;
  for (const name of names) if (!wanted.includes(name)) throw invalid(name, "there is no such input", allowed);
  for (const name of wanted)
    if (names.filter((given) => given === name).length !== 1)
      throw invalid(name, "it is not there exactly once", allowed);
  const byName = new Map(tensors.map((tensor) => [tensor.input.name, tensor]));
  const count = tensors[0]!.input.shape[0]!;
  const columns = model.inputs.map(({ name, size }) => pixelsOf(byName.get(name)!, [count, size, size, 3]));
  return {
    form: "pixels",
    photos: Array.from({ length: count }, (_, photo) =>
      Buffer.concat(columns.map((pixels) => slicePhoto(pixels, photo, count))),
    ),
  };
}

function slicePhoto(pixels: Uint8Array, photo: number, count: number): Uint8Array {
  const length = pixels.byteLength / count;
  return pixels.subarray(photo * length, (photo + 1) * length);
}

function encodedPhotos({ input, binary }: ReceivedTensor): Uint8Array[] {
  const { name, datatype, shape } = input;
  if (datatype !== "BYTES") throw invalid(name, `datatype ${datatype}`, "BYTES");
  if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1))
    throw invalid(name, `shape [${shape}]`, "[N] or [N,1]");
  const count = shape[0]!;
  const photos = binary ? binaryElements(name, binary, count) : base64Elements(name, input.data, count);
  if (photos.length !== count) throw invalid(name, `${photos.length} elements`, `${count}, as the shape says`);
  return photos;
}

function binaryElements(name: string, bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    if (elements.length === count) throw tooMany(name, count);
    const end = at + 4 <= bytes.byteLength ? at + 4 + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > bytes.byteLength) throw invalid(name, "an element is cut off", "u32 length, then as many bytes");
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return elements;
}

function base64Elements(name: string, data: readonly unknown[] | undefined, count: number): Uint8Array[] {
  return flatten(name, data, count).map((element) => {
    const isBase64 = typeof element === "string" && /^[A-Za-z0-9+/]+={0,2}$/.test(element) && element.length % 4 === 0;
    if (!isBase64) throw invalid(name, "an element is not base64", "photos as base64 text, or a binary tensor");
    return Buffer.from(element, "base64");
  });
}

/** Bytes of a UINT8 or FP32 tensor of exactly that shape. FP32 pixels are 0..255 and are rounded. */
function pixelsOf({ input, binary }: ReceivedTensor, wanted: readonly number[]): Uint8Array {
  const { name, datatype, shape } = input;
  if (datatype === "BYTES") throw invalid(name, "datatype BYTES", "UINT8 or FP32");
  if (shape.join() !== wanted.join())
    throw invalid(name, `shape [${shape}]`, `[${wanted}] with the same N in each input`);
  const count = wanted.reduce((product, side) => product * side, 1);
  if (binary) {
    const width = datatype === "UINT8" ? 1 : 4;
    if (binary.byteLength !== count * width) throw invalid(name, `${binary.byteLength} bytes`, `${count * width}`);
    return datatype === "UINT8" ? binary : roundPixels(name, new Float32Array(Uint8Array.from(binary).buffer));
  }
  const values = flatten(name, input.data, count);
  if (values.length !== count) throw invalid(name, `${values.length} values`, `${count}, as the shape says`);
  if (datatype === "UINT8" && !values.every(Number.isInteger)) throw invalid(name, "not all are whole", "0 to 255");
  return roundPixels(name, values);
}

function roundPixels(name: string, values: ArrayLike<unknown>): Uint8Array {
  const pixels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // Not "value < 0 || value > 255": NaN has to be refused too.
    if (typeof value !== "number" || !(value >= 0 && value <= 255))
      throw invalid(name, `value ${JSON.stringify(value)?.slice(0, 40)}`, "pixels from 0 to 255");
    pixels[i] = Math.round(value);
  }
  return pixels;
}

/** Lists in lists: as many as a tensor of pixels has dimensions. */
const mostNested = 4;

/** JSON data without its nesting; stops where it has more than `count` values. */
function flatten(name: string, data: readonly unknown[] | undefined, count: number): unknown[] {
  if (!data) throw invalid(name, "it has no data", "data, or parameters.binary_data_size and the bytes after the JSON");
  const values: unknown[] = [];
  const add = (list: readonly unknown[], depth: number) => {
    for (const item of list) {
      if (Array.isArray(item) && depth < mostNested) add(item, depth + 1);
      else if (values.length === count) throw tooMany(name, count);
      else values.push(item);
    }
  };
  add(data, 1);
  return values;
}

function tooMany(name: string, count: number): FulcrumError {
  return invalid(name, `more than ${count} values`, `${count}, as the shape says`);
}

/** Lists and objects of a request beside those of its pixels. */
const otherLists = 1000;

/**
 * Lists and objects that a request of `maxPhotos` can need: one a pixel, row and photo in each input. Parsed, an empty
 * list takes some thirty times its text, so that more of them are refused before they are parsed.
 */
export function mostLists({ inputs }: ServedModel, maxPhotos: number): number {
  return inputs.reduce((sum, { size }) => sum + maxPhotos * (size * size + size + 1), otherLists);
}

const [openList, openObject] = Buffer.from("[{");

/** True where JSON text opens at most `limit` lists and objects; brackets in its texts count too. */
export function hasListsWithin(json: Uint8Array, limit: number): boolean {
  let count = 0;
  for (let i = 0; i < json.length; i++)
    if ((json[i] === openList || json[i] === openObject) && ++count > limit) return false;
  return true;
}

export function invalid(name: string, problem: string, allowed: string): FulcrumError {
  return new FulcrumError("SERVE_TENSOR_INVALID", { name, problem, allowed });
}

/** A BYTES tensor of texts. */
export function encodeTexts(texts: readonly string[]): Uint8Array {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.byteLength);
      return [length, bytes];
    }),
  );
}
