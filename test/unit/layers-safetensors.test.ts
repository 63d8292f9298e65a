/** The safetensors reader: what it reads, and that it refuses every lie of a header. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFulcrumError } from "../../src/errors/index.ts";
import { halfToNumber, parseSafetensors } from "../../src/layers/safetensors.ts";

/** A file of this header and data; `length` overrides the header length that it claims. */
function fileOf(header: unknown, data: Uint8Array, length?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const claimed = Buffer.alloc(8);
  claimed.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([claimed, text, data]);
}

const twoTensors = {
  __metadata__: { name: "example" },
  half: { dtype: "F16", shape: [3], data_offsets: [0, 6] },
  full: { dtype: "F32", shape: [1, 2], data_offsets: [6, 14] },
};
/** 1, -2, 2^-24 as halves; 0.5, -3 as floats. */
const twoTensorsData = Uint8Array.from([0, 0x3c, 0, 0xc0, 1, 0, 0, 0, 0, 0x3f, 0, 0, 0x40, 0xc0]);

test("F16 is widened and F32 kept, at any alignment", () => {
  const weights = parseSafetensors(fileOf(twoTensors, twoTensorsData), "x");
  assert.deepEqual([...weights.keys()], ["half", "full"]);
  assert.deepEqual(weights.get("half"), { shape: [3], data: Float32Array.of(1, -2, 2 ** -24) });
  assert.deepEqual(weights.get("full"), { shape: [1, 2], data: Float32Array.of(0.5, -3) });
});

test("halves follow IEEE 754", () => {
  const cases: readonly [bits: number, value: number][] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x03ff, 1023 * 2 ** -24], // largest subnormal
    [0x0400, 2 ** -14], // smallest normal
    [0x3555, 0.333251953125], // nearest to 1/3
    [0x7bff, 65504], // largest
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ];
  for (const [bits, value] of cases) assert.ok(Object.is(halfToNumber(bits), value), `bits ${bits.toString(16)}`);
});

const oneTensor = (dtype: unknown, shape: unknown, offsets: unknown) => ({
  w: { dtype, shape, data_offsets: offsets },
});
const overlapping = { a: twoTensors.half, b: { dtype: "F16", shape: [3], data_offsets: [4, 10] } };

const refusals: readonly [name: string, file: Uint8Array, problem: RegExp][] = [
  ["an empty file", new Uint8Array(0), /shorter than a header length/],
  ["a header longer than the file", fileOf({}, new Uint8Array(0), 1000n), /header claims 1000 bytes/],
  ["a header length beyond any number", fileOf({}, new Uint8Array(0), 2n ** 64n - 1n), /header claims/],
  ["a header that is no JSON", fileOf("{", new Uint8Array(0)), /not JSON/],
  ["a header that is no UTF-8", fileOf("", Uint8Array.of(0xff), 1n), /not JSON/],
  ["a header that is a list", fileOf([], new Uint8Array(0)), /no object/],
  ["an entry that is null", fileOf({ w: null }, new Uint8Array(0)), /tensor w has type undefined/],
  ["an unknown type", fileOf(oneTensor("BF16", [1], [0, 2]), new Uint8Array(2)), /type BF16, allowed: F16, F32/],
  ["a negative dimension", fileOf(oneTensor("F32", [-1], [0, 4]), new Uint8Array(4)), /no valid shape/],
  ["a shape that is a text", fileOf(oneTensor("F32", "1", [0, 4]), new Uint8Array(4)), /no valid shape/],
  ["three offsets", fileOf(oneTensor("F32", [1], [0, 4, 8]), new Uint8Array(4)), /no valid offsets/],
  ["a shape larger than its bytes", fileOf(oneTensor("F32", [2], [0, 4]), new Uint8Array(4)), /needs 8/],
  ["a shape beyond all numbers", fileOf(oneTensor("F32", [2 ** 40, 2 ** 40], [0, 4]), new Uint8Array(4)), /needs/],
  ["offsets beyond the file", fileOf(oneTensor("F32", [2], [0, 8]), new Uint8Array(4)), /cover 8 bytes of 4/],
  ["a hole before a tensor", fileOf(oneTensor("F32", [1], [4, 8]), new Uint8Array(8)), /expected 0/],
  ["bytes that no tensor owns", fileOf(oneTensor("F32", [1], [0, 4]), new Uint8Array(8)), /cover 4 bytes of 8/],
  ["overlapping tensors", fileOf(overlapping, new Uint8Array(10)), /starts at byte 4 of the data, expected 6/],
];

for (const [name, file, problem] of refusals) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => parseSafetensors(file, "weights.safetensors"),
      (error) => isFulcrumError(error, "MODEL_WEIGHTS_INVALID") && problem.test(error.message),
    );
  });
}
