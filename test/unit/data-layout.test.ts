/** What a list of paths is taken for: layouts, splits, class names, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { interpretListing } from "../../src/data/layout.ts";
import { food11Classes, splitOfFolder } from "../../src/data/names.ts";
import type { Listing } from "../../src/data/walk.ts";

/** A list as the walk would give it: every folder above a photo is there. */
function listing(photos: readonly string[], emptyFolders: readonly string[] = []): Listing {
  const folders = new Set(emptyFolders);
  for (const path of photos) {
    const parts = path.split("/");
    for (let i = 1; i < parts.length; i++) folders.add(parts.slice(0, i).join("/"));
  }
  return { photos: [...photos].sort(), others: [], folders: [...folders].sort() };
}

const refuses = (photos: readonly string[], code: string, asked: "auto" | "folders" | "food11" = "auto") =>
  assert.throws(() => interpretListing("set", listing(photos), asked), { code });

test("class folders without splits have labels in the order of their names", () => {
  const layout = interpretListing("set", listing(["soup/1.jpg", "pie/b.png", "pie/a.webp"]), "auto");
  assert.equal(layout.kind, "folders");
  assert.deepEqual(layout.classes, ["pie", "soup"]);
  assert.deepEqual(layout.splits, []);
  assert.deepEqual(layout.photos, [
    { path: "pie/a.webp", label: 0, split: null },
    { path: "pie/b.png", label: 0, split: null },
    { path: "soup/1.jpg", label: 1, split: null },
  ]);
});

test("split folders go by several names, in any case", () => {
  const layout = interpretListing("set", listing(["Train/a/1.jpg", "VAL/a/2.jpg", "test/b/3.jpg"]), "auto");
  assert.deepEqual(layout.splits, ["training", "validation", "evaluation"]);
  assert.deepEqual(layout.classes, ["a", "b"]);
  assert.deepEqual(
    layout.photos.map(({ split }) => split),
    ["training", "validation", "evaluation"],
  );
  const names = ["training", "train", "validation", "valid", "val", "dev", "evaluation", "eval", "test", "testing"];
  assert.deepEqual(
    names.map((name) => splitOfFolder(name)?.slice(0, 1)),
    ["t", "t", "v", "v", "v", "v", "e", "e", "e", "e"],
  );
  assert.equal(splitOfFolder("tests"), undefined);
});

test("an empty class folder is a class", () => {
  const layout = interpretListing("set", listing(["a/1.jpg"], ["b"]), "auto");
  assert.deepEqual(layout.classes, ["a", "b"]);
});

test("flat files named CLASS_NUMBER.jpg are Food-11's, in split folders or in one", () => {
  const all = Array.from({ length: 11 }, (_, i) => `${i}_${100 + i}.jpg`);
  const flat = interpretListing("set", listing(all), "auto");
  assert.equal(flat.kind, "food11");
  assert.deepEqual(flat.classes, food11Classes);
  assert.equal(flat.classes[10], "Vegetable/Fruit");
  assert.equal(flat.photos.find(({ path }) => path === "10_110.jpg")?.label, 10);
  const inSplits = interpretListing(
    "set",
    listing(["training", "validation", "evaluation"].flatMap((split) => all.map((name) => `${split}/${name}`))),
    "food11",
  );
  assert.deepEqual(inSplits.classes, food11Classes);
  assert.equal(inSplits.photos.length, 33);
});

test("other class numbers keep their numbers as names, in numeric order", () => {
  const layout = interpretListing("set", listing(["10_1.jpg", "9_1.jpg", "9_2.jpg"]), "auto");
  assert.deepEqual(layout.classes, ["9", "10"]);
  assert.equal(layout.photos.find(({ path }) => path === "10_1.jpg")?.label, 1);
});

test("what has no clear meaning is refused with its own code", () => {
  refuses([], "DATA_NO_PHOTOS");
  refuses(["photo.jpg", "other.jpg"], "DATA_LAYOUT_UNKNOWN");
  refuses(["3_1.jpg", "soup/1.jpg"], "DATA_LAYOUT_MIXED");
  refuses(["train/3_1.jpg", "test/soup/1.jpg"], "DATA_LAYOUT_MIXED");
  refuses(["set/train/soup/1.jpg"], "DATA_FOLDER_TOO_DEEP");
  refuses(["train/a/1.jpg", "soup/1.jpg"], "DATA_SPLITS_MIXED");
  refuses(["train/a/1.jpg", "loose.jpg"], "DATA_SPLITS_MIXED");
  refuses(["val/a/1.jpg", "valid/a/1.jpg"], "DATA_SPLIT_TWICE");
  refuses(["a/1.jpg", "b/1.jpg"], "DATA_LAYOUT_DIFFERS", "food11");
});

test("a path one folder too deep gets the folder to point at", () => {
  assert.throws(() => interpretListing("photos", listing(["food/train/soup/1.jpg"]), "auto"), /point at photos\/food,/);
});
