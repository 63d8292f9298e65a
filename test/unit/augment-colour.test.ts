/** Contrast, saturation, random crops and contact sheets: closed forms on small pictures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { contactSheet, drawCrop, enhanceContrast, enhanceSaturation } from "../../src/augment/index.ts";
import { Rng } from "../../src/base/rng.ts";

test("contrast blends with the mean grey, cut to whole levels", () => {
  // Greys 50 and 150: mean 100; half the distance, then twice, limited at 0..255.
  const grey = () => Uint8Array.of(50, 50, 50, 150, 150, 150);
  const half = grey();
  enhanceContrast(half, 0.5);
  assert.deepEqual([...half], [75, 75, 75, 125, 125, 125]);
  const six = grey();
  enhanceContrast(six, 6);
  assert.deepEqual([...six], [0, 0, 0, 255, 255, 255]);
});

test("saturation 0 is ITU-R 601 grey, 1 changes nothing", () => {
  const red = Uint8Array.of(200, 0, 0);
  enhanceSaturation(red, 1);
  assert.deepEqual([...red], [200, 0, 0]);
  enhanceSaturation(red, 0);
  assert.deepEqual([...red], [60, 60, 60]); // 0.299 * 200 = 59.8
});

test("random crops keep to the photo, the area and the ratio; their mean area is that of the range", () => {
  const rng = new Rng(4);
  const photo = { width: 400, height: 300 };
  const options = { area: [0.2, 0.4] as [number, number], aspectRatio: [0.8, 1.25] as [number, number] };
  const areas = Array.from({ length: 2000 }, () => {
    const { left, top, width, height } = drawCrop(options, photo, rng);
    assert.ok(left >= 0 && top >= 0 && left + width <= photo.width && top + height <= photo.height);
    assert.ok(width / height > 0.78 && width / height < 1.28);
    return (width * height) / (photo.width * photo.height);
  });
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  assert.ok(Math.abs(mean - 0.3) < 0.01, `mean ${mean}`); // five standard errors: 5 * 0.2 / sqrt(12 * 2000) = 0.0065
});

test("where no drawn crop fits, the largest in the centre", () => {
  const square = { area: [1, 1] as [number, number], aspectRatio: [1, 1] as [number, number] };
  assert.deepEqual(drawCrop(square, { width: 400, height: 300 }, new Rng(1)), {
    left: 50,
    top: 0,
    width: 300,
    height: 300,
  });
});

test("a contact sheet has its tiles in rows, with a white margin", () => {
  const tile = (level: number) => new Uint8Array(2 * 2 * 3).fill(level);
  const { width, height, data } = contactSheet(
    [
      [tile(1), tile(2)],
      [tile(3), tile(4)],
    ],
    2,
  );
  assert.deepEqual([width, height], [16, 16]);
  const at = (x: number, y: number) => data[(y * width + x) * 3];
  assert.deepEqual([at(0, 0), at(4, 4), at(10, 5), at(5, 11), at(11, 10), at(8, 8)], [255, 1, 2, 3, 4, 255]);
});
