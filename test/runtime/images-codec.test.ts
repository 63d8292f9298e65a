/** What decodePhoto takes, what it makes of unusual files, and what it refuses. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { decodePhoto, encodeJpeg, encodePng, maxSide, type Pixels } from "../../src/images/index.ts";
import { readNpy } from "../kit/npy.ts";
import { jpegOf } from "../kit/photos.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";

const folder = "goldens/preprocess";
const skip = sharedMissing(folder);

/** Largest difference of two pictures' levels. */
function worstLevel(actual: Uint8Array, expected: Uint8Array): number {
  assert.equal(actual.length, expected.length);
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}

/** A picture of one row. */
function row(values: readonly number[], channels: 3 | 4) {
  return sharp(Uint8Array.from(values), { raw: { width: values.length / channels, height: 1, channels } });
}

test("CMYK becomes RGB by Pillow's formula", { skip }, async () => {
  const { data } = await decodePhoto(readFileSync(sharedFile(`${folder}/cmyk.jpg`)), "cmyk.jpg");
  const golden = readNpy(sharedFile(`${folder}/cmyk.jpg.rgb.u8.npy`)).data as Uint8Array;
  assert.equal(worstLevel(data, golden), 0);
});

test("a transparent pixel is mixed with white", async () => {
  const rgba = [200, 100, 0, 255, 200, 100, 0, 128, 200, 100, 0, 0];
  const { data } = await decodePhoto(await row(rgba, 4).png().toBuffer(), "a.png");
  const mixed = [255, 128, 0].flatMap((alpha) =>
    [200, 100, 0].map((value) => Math.round((value * alpha + 255 * (255 - alpha)) / 255)),
  );
  assert.ok(worstLevel(data, Uint8Array.from(mixed)) <= 1);
});

test("16-bit levels are scaled to 8 bits", async () => {
  const levels = Uint16Array.from([0, 257 * 10, 257 * 128, 257 * 254, 65535, 257 * 77]);
  const file = await sharp(levels, { raw: { width: 2, height: 1, channels: 3 } })
    .toColourspace("rgb16")
    .png()
    .toBuffer();
  const { data } = await decodePhoto(file, "deep.png");
  assert.ok(worstLevel(data, Uint8Array.from([0, 10, 128, 254, 255, 77])) <= 1);
});

test("of an animation the first frame is taken", async () => {
  const frames = Uint8Array.from({ length: 2 * 16 * 16 * 3 }, (_, i) => (i < 16 * 16 * 3 ? 30 : 220));
  const file = await sharp(frames, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } })
    .webp({ lossless: true, loop: 0, delay: [100, 100] })
    .toBuffer();
  const { width, height, data } = await decodePhoto(file, "moving.webp");
  assert.deepEqual([width, height], [16, 16]);
  assert.ok(data.every((value) => value === 30));
});

test("a PNG keeps every level; a wrong one would be noticed", async () => {
  const pixels: Pixels = { width: 5, height: 3, data: Uint8Array.from({ length: 45 }, (_, i) => i * 5) };
  const { data } = await decodePhoto(await encodePng(pixels), "exact.png");
  assert.equal(worstLevel(data, pixels.data), 0);
  data[7]! ^= 1;
  assert.equal(worstLevel(data, pixels.data), 1);
});

test("the bytes say what a file is, not its name", async () => {
  const { width } = await decodePhoto(await jpegOf(1, 40, 30), "really-a.png");
  assert.equal(width, 40);
});

const foreign: readonly (readonly [name: string, bytes: Uint8Array, problem: RegExp])[] = [
  ["text", Buffer.from("hello"), /its format is unknown/],
  ["svg", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="http://10.0.0.1/"/></svg>'), /it is SVG/],
  ["xml", Buffer.from('<?xml version="1.0"?><svg/>'), /it is XML/],
  ["gif", Buffer.from("GIF89a\x01\0\x01\0\0\0\0;"), /it is GIF/],
  ["heic", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0"), /it is HEIC/],
  ["pdf", Buffer.from("%PDF-1.7"), /it is PDF/],
];
for (const [name, bytes, problem] of foreign) {
  test(`${name} is refused by its format`, async () => {
    await assert.rejects(decodePhoto(bytes, name), { code: "IMAGE_FORMAT_FOREIGN", message: problem });
  });
}

test("an empty file is unreadable", async () => {
  await assert.rejects(decodePhoto(new Uint8Array(0), "upload"), { code: "IMAGE_UNREADABLE", message: /it is empty/ });
});

test("half a JPEG, and one with rubbish inside, are damaged", async () => {
  const whole = await encodeJpeg({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) }, 90);
  const half = whole.subarray(0, whole.length / 2);
  const rubbish = Buffer.concat([whole.subarray(0, 30), Buffer.alloc(200, 0xff), whole.subarray(30, 60)]);
  for (const bytes of [half, rubbish]) {
    await assert.rejects(decodePhoto(bytes, "upload"), {
      code: "IMAGE_UNREADABLE",
      message: /damaged or incomplete JPEG/,
    });
  }
});

test("a picture that says that it is huge is refused before it is decoded", async () => {
  for (const [width, height] of [
    [40_000, 40_000],
    [maxSide + 1, 1],
  ] as const) {
    await assert.rejects(decodePhoto(pngHeader(width, height), "bomb.png"), {
      code: "IMAGE_TOO_LARGE",
      message: new RegExp(`${width} x ${height}`),
    });
  }
});

/** The beginning of an RGB PNG (PNG specification, third edition, 11.2). */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", Buffer.alloc(8)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
