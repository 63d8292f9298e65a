/** Resizing and cropping beside Pillow 13.0.0: the same bytes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "../../src/base/hash.ts";
import type { Pixels } from "../../src/images/pixels.ts";
import { leastShortSide, preparePhoto } from "../../src/images/prepare.ts";
import { resizePixels, resizeWindow } from "../../src/images/resample.ts";
import { Scratch } from "../../src/images/scratch.ts";
import { referenceResize } from "../kit/reference-resample.ts";

type Kind = "noise" | "ramp";
type Size = readonly [width: number, height: number];

interface Vectors {
  readonly stretch: readonly { kind: Kind; from: Size; to: Size; sha256: string }[];
  readonly crop: readonly { kind: Kind; from: Size; shortSide: number; size: number; sha256: string }[];
}

const fixture = new URL("../fixtures/pillow-bicubic/vectors.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(fixture, "utf8"));

/** The fixture's picture (make.py): bytes without order, or smooth in x, y and channel. */
function picture(kind: Kind, [width, height]: Size): Pixels {
  const noise = (index: number) => Math.imul(index, 2654435761) >>> 24;
  const ramp = (index: number) => {
    const x = Math.floor(index / 3) % width;
    const y = Math.floor(index / 3 / width);
    return Math.floor((x * 3 + y * 5 + (index % 3) * 80) / 4) % 256;
  };
  const valueAt = kind === "noise" ? noise : ramp;
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, index) => valueAt(index)) };
}

for (const { kind, from, to, sha256: expected } of vectors.stretch) {
  test(`${kind} ${from.join("x")} to ${to.join("x")}: Pillow's bytes`, () => {
    const resized = resizePixels(picture(kind, from), ...to);
    assert.deepEqual([resized.width, resized.height], to);
    assert.equal(sha256(resized.data), expected);
  });
}

for (const { kind, from, shortSide, size, sha256: expected } of vectors.crop) {
  test(`${kind} ${from.join("x")}, short side ${shortSide}, centre ${size}: Pillow's bytes`, () => {
    const spec = { input: "image", interpolation: "bicubic", mean: 0, std: 255 } as const;
    const prepared = preparePhoto(picture(kind, from), { ...spec, resize: "crop", shortSide, size });
    assert.equal(prepared.length, size * size * 3);
    assert.equal(sha256(prepared), expected);
  });
}

test("one wrong level in one pixel is noticed", () => {
  const { kind, from, to, sha256: expected } = vectors.stretch[0]!;
  const { data } = resizePixels(picture(kind, from), ...to);
  data[0]! ^= 1;
  assert.notEqual(sha256(data), expected);
});

test("preparing by stretch is resizing", () => {
  const photo = picture("noise", [50, 41]);
  const spec = { input: "image", interpolation: "bicubic", mean: 0, std: 255, resize: "stretch" } as const;
  assert.deepEqual(preparePhoto(photo, { ...spec, size: 20, shortSide: 20 }), resizePixels(photo, 20, 20).data);
});

test("a window has the bytes of the same place in the whole resized picture, in either order of passes", () => {
  for (const from of [
    [90, 70],
    [70, 190],
  ] as const) {
    const photo = picture("noise", from);
    const [width, height, left, top, side] = [55, 61, 7, 11, 30];
    const whole = resizePixels(photo, width, height).data;
    const { data } = resizeWindow(photo, { width, height, left, top, windowWidth: side, windowHeight: side });
    for (let row = 0; row < side; row++) {
      const start = ((top + row) * width + left) * 3;
      assert.deepEqual(data.subarray(row * side * 3, (row + 1) * side * 3), whole.subarray(start, start + side * 3));
    }
  }
});

test("a photo may be decoded as small as the input that needs most allows; one input without a margin forbids it", () => {
  const spec = { input: "image", interpolation: "bicubic", mean: 0, std: 255, resize: "crop", size: 224 } as const;
  const [narrow, wide] = [
    { ...spec, shortSide: 256, shrinkMargin: 2 },
    { ...spec, shortSide: 292, shrinkMargin: 1.5 },
  ];
  assert.equal(leastShortSide([narrow]), 512);
  assert.equal(leastShortSide([narrow, wide]), 512);
  assert.equal(leastShortSide([wide]), 438);
  assert.equal(leastShortSide([narrow, { ...spec, shortSide: 224 }]), undefined);
});

test("a picture of one colour keeps it", () => {
  const photo = { width: 37, height: 91, data: new Uint8Array(37 * 91 * 3).fill(200) };
  for (const side of [5, 224]) assert.ok(resizePixels(photo, side, side).data.every((value) => value === 200));
});

test("resizing does not change the photo, nor share its memory where the size stays", () => {
  const photo = picture("ramp", [20, 20]);
  const before = photo.data.slice();
  resizePixels(photo, 20, 20).data.fill(0);
  resizePixels(photo, 7, 9);
  assert.deepEqual(photo.data, before);
});

test("windows of any size have the bytes of the plain TypeScript passes", () => {
  const sizes = [1, 2, 3, 5, 16, 17, 33, 64, 101];
  for (const [i, from] of sizes.entries()) {
    for (const [j, to] of sizes.entries()) {
      const photo = picture("noise", [from, sizes[(i + j) % sizes.length]!]);
      const window = { width: to, height: sizes[(2 * i + j) % sizes.length]!, left: to >> 2, top: 0 };
      const whole = { ...window, windowWidth: to - window.left, windowHeight: Math.ceil(window.height / 2) };
      assert.deepEqual(resizeWindow(photo, whole), referenceResize(photo, whole), `${from} to ${to}`);
    }
  }
});

test("a large photo, whose memory is not kept, has the bytes of the plain TypeScript passes", () => {
  const photo = picture("ramp", [2600, 2300]);
  const window = { width: 40, height: 50, left: 0, top: 0, windowWidth: 40, windowHeight: 50 };
  for (let i = 0; i < 2; i++) assert.deepEqual(resizeWindow(photo, window), referenceResize(photo, window));
});

test("results in scratch memory are the same, and the next one overwrites them", () => {
  const scratch = new Scratch();
  const [first, second] = [picture("noise", [60, 40]), picture("ramp", [60, 40])];
  const window = { width: 20, height: 20, left: 0, top: 0, windowWidth: 20, windowHeight: 20 };
  const kept = resizeWindow(first, window, scratch).data;
  assert.deepEqual(kept, referenceResize(first, window).data);
  assert.deepEqual(resizeWindow(second, window, scratch).data, referenceResize(second, window).data);
  assert.deepEqual(kept, referenceResize(second, window).data);
});
