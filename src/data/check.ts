/** What keeps a surveyed folder from being a data set. Pure: reading throws the first, inspecting lists them all. */
import { FulcrumError } from "../errors/index.ts";
import type { SplitName } from "../records/dataset.ts";
import type { Layout } from "./layout.ts";
import { splitFolderNames, splitNames } from "./names.ts";
import { contentsByLabel } from "./split.ts";
import type { Survey } from "./survey.ts";

/** Problems in the order in which one would mend them; none for a folder that can be read. */
export function findProblems(dir: string, survey: Survey, skipUnreadable: boolean): FulcrumError[] {
  const { marker, unreadable, layout, photos } = survey;
  const problems: FulcrumError[] = [];
  if (marker !== undefined && (marker === "damaged" || !marker.complete)) {
    problems.push(new FulcrumError("DATA_SYNTHETIC_INCOMPLETE", { dir }));
  }
  if (unreadable.length > 0 && !skipUnreadable) problems.push(unreadableProblem(dir, survey));
  const missing = missingSplit(layout);
  if (missing !== undefined) {
    const names = splitFolderNames[missing].join(", ");
    problems.push(
      new FulcrumError("DATA_SPLIT_MISSING", { dir, split: missing, found: layout.splits.join(", "), names }),
    );
  }
  if (layout.classes.length === 1) {
    problems.push(new FulcrumError("DATA_ONE_CLASS", { dir, count: photos.length, name: layout.classes[0]! }));
  }
  for (const split of layout.splits) problems.push(...missingClasses(dir, survey, split));
  problems.push(...smallClasses(dir, survey));
  return problems;
}

/** Splits drawn from the training photos of a folder that has training and evaluation only; all if it has none. */
export function splitsToDraw(layout: Layout): "all" | "validation" | "none" {
  if (layout.splits.length === 0) return "all";
  return layout.splits.includes("validation") ? "none" : "validation";
}

/** Training and evaluation photos cannot be made up; a validation split can be drawn from the training photos. */
function missingSplit(layout: Layout): SplitName | undefined {
  if (layout.splits.length === 0) return undefined;
  return splitNames.find((split) => split !== "validation" && !layout.splits.includes(split));
}

function missingClasses(dir: string, { layout, photos }: Survey, split: SplitName): FulcrumError[] {
  const present = new Set(photos.filter((photo) => photo.split === split).map((photo) => photo.label));
  return layout.classes
    .filter((_, label) => !present.has(label))
    .map((name) => new FulcrumError("DATA_CLASS_MISSING", { name, split, dir }));
}

/** Classes from which the splits that are to be drawn cannot get a photo each. */
function smallClasses(dir: string, { layout, photos }: Survey): FulcrumError[] {
  const drawn = splitsToDraw(layout);
  if (drawn === "none") return [];
  const needed = drawn === "all" ? 3 : 2;
  const contents = contentsByLabel(photos.filter(({ split }) => split === null || split === "training"));
  return layout.classes.flatMap((name, label) => {
    const count = contents.get(label)?.length ?? 0;
    return count < needed ? [new FulcrumError("DATA_CLASS_TOO_SMALL", { name, count, dir, needed })] : [];
  });
}

function unreadableProblem(dir: string, { unreadable, layout }: Survey): FulcrumError {
  const named = unreadable.slice(0, 3).map(({ path, problem }) => `${path} (${problem})`);
  const more = unreadable.length > 3 ? ` and ${unreadable.length - 3} more` : "";
  return new FulcrumError("DATA_UNREADABLE", {
    dir,
    count: unreadable.length,
    total: layout.photos.length,
    examples: named.join(", ") + more,
  });
}
