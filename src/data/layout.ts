/** From a list of paths to classes and splits: the meaning of folders and names. Pure; walk.ts makes the list. */
import { FulcrumError } from "../errors/index.ts";
import type { Dataset, SplitName } from "../records/dataset.ts";
import {
  classNumberOf,
  nameClassNumbers,
  photoExtensions,
  splitFolderNames,
  splitNames,
  splitOfFolder,
} from "./names.ts";
import type { Listing } from "./walk.ts";

export interface LabelledPath {
  /** Relative to the data set's folder. */
  readonly path: string;
  /** Index into the layout's classes. */
  readonly label: number;
  /** null: the folder has no splits, they are to be drawn. */
  readonly split: SplitName | null;
}

export interface Layout {
  readonly kind: Dataset["layout"];
  /** In code-unit order of folder names, or in order of class numbers. */
  readonly classes: readonly string[];
  readonly photos: readonly LabelledPath[];
  /** Splits that the folder has. */
  readonly splits: readonly SplitName[];
}

/** One folder whose entries are class folders or flat photos: the root, or a split's. */
interface Part {
  /** Path prefix, "" or "train/". */
  readonly prefix: string;
  readonly split: SplitName | null;
  /** Paths below the prefix. */
  readonly photos: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Decides what the list is.
 * @param dir only for messages
 * @param asked the layout that the user named; auto takes what is found
 * @throws DATA_NO_PHOTOS, DATA_LAYOUT_UNKNOWN, DATA_LAYOUT_MIXED, DATA_LAYOUT_DIFFERS, DATA_FOLDER_TOO_DEEP,
 *   DATA_SPLITS_MIXED, DATA_SPLIT_TWICE
 */
export function interpretListing(dir: string, listing: Listing, asked: "auto" | Dataset["layout"]): Layout {
  if (listing.photos.length === 0) {
    throw new FulcrumError("DATA_NO_PHOTOS", { dir, extensions: photoExtensions.join(" ") });
  }
  const parts = partsOf(dir, listing);
  const kinds = parts.filter((part) => part.photos.length > 0).map((part) => kindOf(dir, part));
  const kind = kinds[0]!;
  const other = kinds.indexOf(kind === "folders" ? "food11" : "folders");
  if (other >= 0) {
    const loose = listing.photos.find((path) => path.split("/").length <= 2)!;
    throw new FulcrumError("DATA_LAYOUT_MIXED", { dir, folder: listing.folders[0]!, photo: loose });
  }
  if (asked !== "auto" && asked !== kind) throw new FulcrumError("DATA_LAYOUT_DIFFERS", { dir, found: kind, asked });
  const splits = splitNames.filter((split) => parts.some((part) => part.split === split));
  return { kind, splits, ...(kind === "folders" ? readFolders(parts) : readNumbers(parts)) };
}

function partsOf(dir: string, listing: Listing): Part[] {
  const top = listing.folders.filter((path) => !path.includes("/"));
  const splitFolders = top.filter((name) => splitOfFolder(name) !== undefined);
  if (splitFolders.length === 0) return [{ prefix: "", split: null, ...listing }];
  const loose = listing.photos.filter((path) => !path.includes("/"));
  const others = [...top.filter((name) => !splitFolders.includes(name)), ...loose];
  if (others.length > 0) {
    throw new FulcrumError("DATA_SPLITS_MIXED", {
      dir,
      splits: splitFolders.join(", "),
      others: shorten(others),
      names: Object.values(splitFolderNames).flat().join(", "),
    });
  }
  for (const split of splitNames) {
    const same = splitFolders.filter((name) => splitOfFolder(name) === split);
    if (same.length > 1) throw new FulcrumError("DATA_SPLIT_TWICE", { dir, split, folders: same.join(", ") });
  }
  const below = (paths: readonly string[], prefix: string) =>
    paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  return splitFolders.map((name) => ({
    prefix: `${name}/`,
    split: splitOfFolder(name)!,
    photos: below(listing.photos, `${name}/`),
    folders: below(listing.folders, `${name}/`),
  }));
}

function kindOf(dir: string, part: Part): Dataset["layout"] {
  const at = part.prefix === "" ? dir : `${dir}/${part.prefix.slice(0, -1)}`;
  const loose = part.photos.filter((path) => !path.includes("/"));
  const deep = part.photos.find((path) => path.split("/").length > 2);
  if (deep !== undefined) {
    const suggestion = `${at}/${deep.slice(0, deep.indexOf("/"))}`;
    throw new FulcrumError("DATA_FOLDER_TOO_DEEP", { path: `${at}/${deep}`, suggestion });
  }
  if (loose.length === 0) return "folders";
  if (loose.length < part.photos.length) {
    const folder = part.photos.find((path) => path.includes("/"))!.split("/")[0]!;
    throw new FulcrumError("DATA_LAYOUT_MIXED", { dir: at, folder, photo: loose[0]! });
  }
  const unnumbered = loose.find((path) => classNumberOf(path) === undefined);
  if (unnumbered !== undefined) throw new FulcrumError("DATA_LAYOUT_UNKNOWN", { dir: at, example: unnumbered });
  return "food11";
}

/** A class is a folder, even an empty one: its absence elsewhere is then reported instead of overlooked. */
function readFolders(parts: readonly Part[]): Pick<Layout, "classes" | "photos"> {
  const classes = [...new Set(parts.flatMap((part) => part.folders.filter((path) => !path.includes("/"))))].sort();
  const labels = new Map(classes.map((name, label) => [name, label]));
  const photos = parts.flatMap((part) =>
    part.photos.map((path) => ({
      path: part.prefix + path,
      label: labels.get(path.slice(0, path.indexOf("/")))!,
      split: part.split,
    })),
  );
  return { classes, photos };
}

function readNumbers(parts: readonly Part[]): Pick<Layout, "classes" | "photos"> {
  const numbers = [...new Set(parts.flatMap((part) => part.photos.map((path) => classNumberOf(path)!)))];
  numbers.sort((a, b) => a - b);
  const labels = new Map(numbers.map((value, label) => [value, label]));
  const photos = parts.flatMap((part) =>
    part.photos.map((path) => ({
      path: part.prefix + path,
      label: labels.get(classNumberOf(path)!)!,
      split: part.split,
    })),
  );
  return { classes: nameClassNumbers(numbers), photos };
}

function shorten(names: readonly string[]): string {
  return names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
