/** Seeded splits: their shares, their stability, and identical photos. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { drawSplits } from "../../src/data/split.ts";

const classes = ["large", "middle", "small"];
const counts = [200, 61, 3];
const photos = counts.flatMap((count, label) =>
  Array.from({ length: count }, (_, i) => ({ label, sha256: `${label}-${i}` })),
);
const draw = (of = photos, seed = 1, shares = { validation: 0.15, evaluation: 0.2 }) =>
  drawSplits(of, { classes, shares, rng: new Rng(seed) });

test("every class is divided by the same shares, one photo each at least", () => {
  const splits = draw();
  const count = (label: number, split: string) =>
    photos.filter((photo, i) => photo.label === label && splits[i] === split).length;
  const table = classes.map((_, label) => [
    count(label, "training"),
    count(label, "validation"),
    count(label, "evaluation"),
  ]);
  assert.deepEqual(table, [
    [130, 30, 40],
    [40, 9, 12],
    [1, 1, 1],
  ]);
});

test("the seed decides, not the order of the files", () => {
  const splits = draw();
  assert.deepEqual(draw(), splits);
  assert.notDeepEqual(draw(photos, 2), splits);
  const reversed = draw([...photos].reverse());
  assert.deepEqual(reversed.reverse(), splits);
});

test("a new photo in one class leaves the others as they were", () => {
  const splits = draw();
  const more = draw([...photos, { label: 2, sha256: "2-new" }]);
  assert.deepEqual(more.slice(0, 261), splits.slice(0, 261));
});

test("identical photos stay together and count once", () => {
  const copies = photos.filter(({ label }) => label === 1);
  const splits = draw([...photos, ...copies, ...copies]);
  for (const [i, { sha256 }] of copies.entries()) {
    const original = splits[photos.findIndex((photo) => photo.sha256 === sha256)];
    assert.equal(splits[photos.length + i], original);
    assert.equal(splits[photos.length + copies.length + i], original);
  }
  assert.deepEqual(splits.slice(0, photos.length), draw());
});

test("a share of 0 draws no such split", () => {
  assert.ok(!draw(photos, 1, { validation: 0.2, evaluation: 0 }).includes("evaluation"));
});

test("large shares leave a training photo in the smallest class; too large ones are refused", () => {
  const splits = draw(photos, 1, { validation: 0.45, evaluation: 0.5 });
  for (const label of [0, 1, 2])
    assert.ok(photos.some((photo, i) => photo.label === label && splits[i] === "training"));
  assert.throws(() => draw(photos, 1, { validation: 0.5, evaluation: 0.5 }), { code: "DATA_SHARES_TOO_LARGE" });
});
