/** Names that mean something in a data set: photo endings, split folders, Food-11's classes. */
import type { SplitName } from "../records/dataset.ts";

/**
 * Endings of files that are taken for photos. Formats that fulcrum does not decode are listed too, so that such a
 * file is reported as unreadable instead of being passed over.
 */
export const photoExtensions: readonly string[] = [
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".gif",
  ".bmp",
  ".tif",
  ".tiff",
  ".avif",
  ".heic",
  ".heif",
  ".jxl",
];

/** Folder names that stand for a split, in any case. */
export const splitFolderNames: Readonly<Record<SplitName, readonly string[]>> = {
  training: ["training", "train"],
  validation: ["validation", "valid", "val", "dev"],
  evaluation: ["evaluation", "eval", "test", "testing"],
};

export const splitNames: readonly SplitName[] = ["training", "validation", "evaluation"];

/** Classes 0..10 of Food-11 (Singla, Yuan, Ebrahimi 2016), in its order of numbers. */
export const food11Classes: readonly string[] = [
  "Bread",
  "Dairy product",
  "Dessert",
  "Egg",
  "Fried food",
  "Meat",
  "Noodles/Pasta",
  "Rice",
  "Seafood",
  "Soup",
  "Vegetable/Fruit",
];

export function isPhotoName(name: string): boolean {
  const dot = name.lastIndexOf(".");
  return dot > 0 && photoExtensions.includes(name.slice(dot).toLowerCase());
}

/** The split that a folder's name stands for, if any. */
export function splitOfFolder(name: string): SplitName | undefined {
  return splitNames.find((split) => splitFolderNames[split].includes(name.toLowerCase()));
}

/** Class number of Food-11's file names, `3_17.jpg` -> 3. */
export function classNumberOf(fileName: string): number | undefined {
  const digits = /^(\d{1,4})_[^/]+$/.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Names of class numbers: Food-11's when they are exactly 0..10, else the numbers themselves. */
export function nameClassNumbers(numbers: readonly number[]): string[] {
  const isFood11 = numbers.length === food11Classes.length && numbers.every((value, i) => value === i);
  return isFood11 ? [...food11Classes] : numbers.map(String);
}
