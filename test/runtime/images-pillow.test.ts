/** Decoding and resizing beside Pillow 13.0.0 (libjpeg-turbo 3.2.0): the goldens' arrays. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decodePhoto, type Pixels, resizePixels } from "../../src/images/index.ts";
import { readNpy } from "../kit/npy.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";

const folder = "goldens/preprocess";
const skip = sharedMissing(folder);
const read = (name: string) => readFileSync(sharedFile(`${folder}/${name}`));
const golden = (name: string) => readNpy(sharedFile(`${folder}/${name}`)).data as Uint8Array;

/** RGB and grey files: everything is as in Pillow. */
const sameAsPillow = [
  "food-apple_pie.jpg",
  "food-baby_back_ribs.jpg",
  "food-baklava.jpg",
  "food-beef_tartare.jpg",
  "food-bibimbap.jpg",
  "food-bread_pudding.jpg",
  "grey.jpg",
  "grey.png",
  "palette.png",
  "synth-224.png",
  "synth-420-odd-267x181.jpg",
  "synth-420-q75.jpg",
  "synth-422-q85.jpg",
  "synth-444-q95.jpg",
  "synth-progressive.jpg",
  "synth-small-60x90.png",
];

for (const name of sameAsPillow) {
  test(`${name}: decoded and resized bit for bit as Pillow`, { skip }, async () => {
    const pixels = await decodePhoto(read(name), name);
    assert.equal(Buffer.compare(pixels.data, golden(`${name}.rgb.u8.npy`)), 0, "decoded");
    assert.equal(
      Buffer.compare(resizePixels(pixels, 224, 224).data, golden(`${name}.bicubic224.u8.npy`)),
      0,
      "resized",
    );
  });
}

for (const name of ["exif3.jpg", "exif6.jpg", "exif8.jpg"]) {
  test(`${name}: upright, as Pillow's exif_transpose`, { skip }, async () => {
    const resized = resizePixels(await decodePhoto(read(name), name), 224, 224).data;
    assert.equal(Buffer.compare(resized, golden(`${name}.exif-applied.bicubic224.u8.npy`)), 0);
  });
}

test("16-bit grey is scaled, where Pillow clips it to white", { skip }, async () => {
  const { data } = await decodePhoto(read("grey16.png"), "grey16.png");
  assert.ok(golden("grey16.png.rgb.u8.npy").every((value) => value === 255));
  assert.ok(new Set(data).size > 100);
});

test("transparency is laid on white, where Pillow shows the hidden colour", { skip }, async () => {
  const pixels = await decodePhoto(read("rgba.png"), "rgba.png");
  const bare = golden("rgba.png.rgb.u8.npy");
  assert.equal(pixels.data.length, bare.length);
  // c over white is c * a + 255 * (1 - a): never darker than the hidden colour.
  assert.ok(pixels.data.every((value, i) => value >= bare[i]! - 1));
});

test("one wrong pixel is noticed by the comparison", { skip }, async () => {
  const { data } = await decodePhoto(read("grey.png"), "grey.png");
  const changed: Pixels["data"] = data.slice();
  changed[7] = changed[7]! ^ 1;
  assert.notEqual(Buffer.compare(changed, golden("grey.png.rgb.u8.npy")), 0);
});
