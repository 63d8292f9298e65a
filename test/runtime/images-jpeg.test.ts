/** JPEG files by libjpeg-turbo directly: the pixels of sharp, upright, and smaller where that is allowed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { projectDir } from "../../src/config/paths.ts";
import { decodePhoto, encodeJpeg, type Pixels } from "../../src/images/index.ts";
import { decodeJpeg, hasTurbo } from "../../src/images/jpeg.ts";
import { scansOf } from "../../src/images/jpeg-scans.ts";

const testPhoto = readFileSync(join(projectDir, "assets/test-photo.jpg"));
const limits = { maxPixels: 1e8, maxSide: 65_535, leastShortSide: undefined };

test("this platform has libjpeg-turbo", { skip: !["linux", "darwin"].includes(process.platform) }, async () => {
  assert.equal(await hasTurbo(), true);
});

for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`EXIF orientation ${orientation} is turned upright as sharp turns it`, async () => {
    const file = await sharp(testPhoto).resize(50, 31, { fit: "fill" }).withMetadata({ orientation }).jpeg().toBuffer();
    const { data, info } = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const upright = await decodePhoto(file, "turned.jpg");
    assert.deepEqual([upright.width, upright.height], [info.width, info.height]);
    assert.equal(Buffer.compare(upright.data, data), 0);
  });
}

for (const [leastShortSide, width, height] of [
  [undefined, 401, 302],
  [302, 401, 302],
  [152, 401, 302],
  [151, 201, 151],
  [76, 101, 76],
  [38, 51, 38],
  [1, 51, 38],
] as const) {
  test(`401 x 302 with ${leastShortSide ?? "all"} pixels of its short side needed: ${width} x ${height}`, async () => {
    const photo = await decodePhoto(await smoothPhoto(401, 302), "photo.jpg", { leastShortSide });
    assert.deepEqual([photo.width, photo.height], [width, height]);
    // A smooth picture has the same colour at the same relative place, at any size.
    const at = ({ width, height, data }: Pixels, x: number, y: number) =>
      data[(Math.floor(y * height) * width + Math.floor(x * width)) * 3]!;
    for (const x of [0.1, 0.5, 0.9])
      assert.ok(Math.abs(at(photo, x, 0.5) - 255 * x) < 6, `${at(photo, x, 0.5)} at ${x}`);
  });
}

test("a PNG is never made smaller", async () => {
  const file = await sharp(testPhoto).resize(90, 80).png().toBuffer();
  const { width } = await decodePhoto(file, "photo.png", { leastShortSide: 10 });
  assert.equal(width, 90);
});

test("CMYK, damaged and too large files are left to sharp", async () => {
  const cmyk = await sharp(testPhoto).resize(40).toColourspace("cmyk").jpeg().toBuffer();
  assert.equal(await decodeJpeg(cmyk, limits), undefined);
  assert.equal(await decodeJpeg(testPhoto.subarray(0, 3000), limits), undefined);
  assert.equal(await decodeJpeg(Buffer.from("no photo"), limits), undefined);
  assert.equal(await decodeJpeg(testPhoto, { ...limits, maxPixels: 100 }), undefined);
  assert.equal(await decodeJpeg(testPhoto, { ...limits, maxSide: 10 }), undefined);
  assert.ok(await decodeJpeg(testPhoto, limits), "a whole file after them");
});

test("a progressive file with more than 100 scans is refused, not decoded scan by scan", async () => {
  assert.deepEqual((await decodeJpeg(greyWithScans(100), limits))?.width, 8);
  assert.equal(await decodeJpeg(greyWithScans(101), limits), undefined);
  await assert.rejects(decodePhoto(greyWithScans(127), "scans.jpg"), { code: "IMAGE_UNREADABLE" });
});

test("scans are counted up to the end of the picture, wherever the file is cut off", () => {
  const file = greyWithScans(5);
  assert.equal(scansOf(file), 5);
  assert.equal(scansOf(Buffer.concat([file, greyWithScans(3)])), 5);
  for (let length = 0; length < file.length; length++) assert.ok(scansOf(file.subarray(0, length)) <= 5);
});

/**
 * 8 x 64 grey pixels, progressive: a scan of the DC value, then one a coefficient, first with all bits but the last
 * (ITU-T T.81, Ah 0 and Al 1) and then the last. All are 0: a scan's data is a code of one bit for each of eight blocks.
 * @param count 1..127
 */
function greyWithScans(count: number): Uint8Array {
  const segment = (marker: number, ...bytes: number[]) => [0xff, marker, 0, bytes.length + 2, ...bytes];
  const oneCode = [1, ...Array<number>(15).fill(0), 0];
  const scan = (first: number, last: number, approximation: number) => [
    ...segment(0xda, 1, 1, 0, first, last, approximation),
    0,
  ];
  const scans = [scan(0, 0, 0)];
  for (const approximation of [0x01, 0x10])
    for (let place = 1; place < 64; place++) scans.push(scan(place, place, approximation));
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, 0, ...Array<number>(64).fill(1)),
    ...segment(0xc2, 8, 0, 64, 0, 8, 1, 1, 0x11, 0),
    ...segment(0xc4, 0x00, ...oneCode),
    ...segment(0xc4, 0x10, ...oneCode),
    ...scans.slice(0, count).flat(),
    ...[0xff, 0xd9],
  ]);
}

/** Red rises from left to right. */
function smoothPhoto(width: number, height: number): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    i % 3 === 0 ? Math.round((255 * (((i / 3) % width) + 0.5)) / width) : 90,
  );
  return encodeJpeg({ width, height, data }, 95);
}
