/** Groups of identical files by where they lie. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findDuplicates } from "../../src/data/duplicates.ts";

const photo = (path: string, sha256: string, split: "training" | "evaluation" | null, label = 0) => ({
  path,
  sha256,
  split,
  label,
});

test("identical files are told apart by split and class", () => {
  const found = findDuplicates([
    photo("train/a/1", "x", "training"),
    photo("train/a/2", "x", "training"),
    photo("train/a/3", "y", "training"),
    photo("test/a/4", "y", "evaluation"),
    photo("test/b/5", "z", "evaluation", 1),
    photo("train/a/6", "z", "training"),
    photo("train/a/7", "alone", "training"),
  ]);
  assert.deepEqual(found, {
    withinSplit: [["train/a/1", "train/a/2"]],
    acrossSplits: [
      ["train/a/3", "test/a/4"],
      ["test/b/5", "train/a/6"],
    ],
    acrossClasses: [["test/b/5", "train/a/6"]],
  });
});

test("without splits, copies are within", () => {
  assert.deepEqual(findDuplicates([photo("a/1", "x", null), photo("a/2", "x", null)]).withinSplit, [["a/1", "a/2"]]);
});
