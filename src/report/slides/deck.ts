/** The eight slides of a run: choices, single pod, max-size, what it meant, scaling, two models over time, the points. Pure. */
import type { Course } from "../facts/course.ts";
import { type Facts, measuredAs } from "../facts/facts.ts";
import { panelFigures } from "../figures/panels.ts";
import { givenScatterFigures, scatterFigures } from "../figures/scatter.ts";
import type { Sentence, Topic } from "../rules/index.ts";
import { loadTable, maxSizeTable, scalingTable } from "../tables/capacity-tables.ts";
import { objectiveTable } from "../tables/objective-table.ts";
import { courseTable, givenTable } from "../tables/outcome-tables.ts";
import type { Table } from "../tables/table.ts";
import { publishedSources, trainingTable } from "../tables/training-table.ts";
import { courseBasis, measurementBasis, percent, runBasis } from "../words.ts";
import type { Block, Deck, Slide } from "./slide.ts";

/** @param sentences what the rules say about the same facts */
export function buildDeck(facts: Facts, sentences: readonly Sentence[]): Deck {
  const notesOf = (topic: Topic) => sentences.filter((sentence) => sentence.topic === topic);
  const slides = [
    trainingSlide(facts, notesOf("training")),
    scatterSlide(facts, "single", notesOf("single")),
    scatterSlide(facts, "max", notesOf("max")),
    maxSizeSlide(facts, notesOf("max-size")),
    scalingSlide(facts, notesOf("scaling")),
    ...courseSlides(facts, notesOf("course")),
    contributionSlide(facts, notesOf("contributions")),
  ];
  return { title: `${facts.input.name}: accuracy, latency and cost`, slides };
}

/** Slides of measurements that came as files: against accuracy where that was given, over time, recipes side by side. */
export function buildCourseDeck(facts: Facts, sentences: readonly Sentence[]): Deck {
  const notes = sentences.filter(({ topic }) => topic === "course");
  // One run of the load has no course over time.
  const overTime = facts.courses.filter(({ rows, givenAccuracy }) => rows.length > 1 || givenAccuracy === undefined);
  const given = givenSlides(facts);
  const courses = overTime.length > 0 ? courseSlides({ ...facts, courses: overTime }, notes) : [];
  const table = overTime.length > 1 ? courseTable(overTime) : undefined;
  const side: Slide[] = table
    ? [{ number: "8", title: "Recipes side by side", lead: null, blocks: [tableBlock(table)], basis: "", notes: [] }]
    : [];
  const about = overTime.length > 0 ? "over time" : "accuracy and latency";
  return { title: `${facts.input.name}: ${about}`, slides: [...given, ...courses, ...side] };
}

/** Response time and rate against accuracies that came with the files. */
function givenSlides(facts: Facts): Slide[] {
  const figures = givenScatterFigures(facts);
  const given = facts.courses.filter(({ givenAccuracy }) => givenAccuracy !== undefined);
  if (figures.length === 0) return [];
  const names = given.map(({ name, givenAccuracy }) => `${name} ${percent(givenAccuracy!, 2)}`).join(", ");
  return [
    {
      number: "2-4",
      title: "Response time and rate against accuracy",
      lead: `Accuracies were given with the files, not measured by fulcrum: ${names}. They have no interval here.`,
      blocks: [...figureBlocks(figures), tableBlock(givenTable(given))],
      basis: given.map((course) => courseBasis(facts, course)).join(". "),
      notes: [],
    },
  ];
}

const tableBlock = (table: Table): Block => ({ kind: "table", table });
const figureBlocks = (figures: readonly Extract<Block, { kind: "figure" }>["figure"][]): Block[] =>
  figures.map((figure) => ({ kind: "figure", figure }));
const missing = (what: string, command: string) => `${what} was not measured in this run: ${command} makes it.`;

/** The first sentence of these rules, in their order. */
function leadOf(notes: readonly Sentence[], ...rules: readonly string[]): string | null {
  return rules.flatMap((rule) => notes.find((note) => note.rule === rule)?.text ?? [])[0] ?? null;
}

function trainingSlide(facts: Facts, notes: readonly Sentence[]): Slide {
  const table = trainingTable(facts);
  const marked = `Marked rows differ between the first two columns. ImageNet top-1: ${publishedSources(facts)}. Intervals are 95 %. `;
  return {
    number: "1",
    title: "Model choices",
    lead: table ? leadOf(notes, "accuracy/on-front", "accuracy/beaten") : missing("Training", "fulcrum train"),
    blocks: table ? [tableBlock(table)] : [],
    basis: (table ? marked : "") + runBasis(facts.input),
    notes,
  };
}

function scatterSlide(facts: Facts, shape: "single" | "max", notes: readonly Sentence[]): Slide {
  const isSingle = shape === "single";
  const title = isSingle ? "Single pod" : "Max-size deployment";
  const table = loadTable(facts, shape);
  const leads = isSingle
    ? ["single/latency-over-accuracy", "single/latency-over-previous", "single/all-answered"]
    : ["max/no-faster", "max/faster"];
  return {
    number: isSingle ? "2" : "3",
    title,
    lead: table ? leadOf(notes, ...leads) : missing(title, "fulcrum measure"),
    blocks: table ? [...figureBlocks(scatterFigures(facts, shape)), tableBlock(table)] : [],
    basis: measurementBasis(measuredAs(facts, shape).map(({ record }) => record)),
    notes,
  };
}

function maxSizeSlide(facts: Facts, notes: readonly Sentence[]): Slide {
  const table = maxSizeTable(facts);
  const isLocal = measuredAs(facts, "max").every(({ body }) => body.target === "local");
  const note = `Marked rows differ. Node totals include ${isLocal ? "the declared system pods" : "every other pod on the node"}. `;
  return {
    number: "4",
    title: "What max-size meant",
    lead: table
      ? leadOf(notes, "max/smaller-pods-better", "max/out-of-cpu", "max/out-of-memory", "max/all-fit")
      : missing("Max-size", "fulcrum measure"),
    blocks: table ? [tableBlock(table)] : [],
    basis: table ? note + measurementBasis(measuredAs(facts, "max").map(({ record }) => record)) : "",
    notes,
  };
}

function scalingSlide(facts: Facts, notes: readonly Sentence[]): Slide {
  const table = scalingTable(facts);
  const note = "Marked rows differ. The pods' own requests and limits, then node totals when the load began. ";
  return {
    number: "5",
    title: "Horizontal scaling",
    lead: table
      ? leadOf(notes, "scaling/targets-differ", "scaling/requests-differ", "scaling/threshold")
      : missing("Autoscaling", "fulcrum measure"),
    blocks: table ? [tableBlock(table)] : [],
    basis: table ? note + measurementBasis(measuredAs(facts, "autoscaled").map(({ record }) => record)) : "",
    notes,
  };
}

function courseSlides(facts: Facts, notes: readonly Sentence[]): Slide[] {
  if (facts.courses.length === 0) {
    const lead = missing("The varying load", "fulcrum measure");
    return [{ number: "6-7", title: "Over time", lead, blocks: [], basis: "", notes: [] }];
  }
  return facts.courses.map((course, i) => courseSlide(facts, course, String(Math.min(7, 6 + i)), notes));
}

function courseSlide(facts: Facts, course: Course, number: string, notes: readonly Sentence[]): Slide {
  const own = notes.filter((note) => note.course === course.name);
  return {
    number,
    title: `Over time: ${course.name}`,
    lead: leadOf(
      own,
      "course/dip-before-ready",
      "course/returned",
      "course/not-returned",
      "course/not-scaled",
      "course/judged",
    ),
    blocks: figureBlocks(panelFigures(course, facts.input.objectives)),
    basis: courseBasis(facts, course),
    notes: own,
  };
}

/** Bullets that a reader takes in: one a comparison, one a recipe, the user's own. */
const pointRules = new Set([
  "accuracy/told-apart",
  "accuracy/not-told-apart",
  "predecessor/faster-pod",
  "cost/priced",
  "cost/unpriced",
  "cost/cheaper",
]);

function contributionSlide(facts: Facts, notes: readonly Sentence[]): Slide {
  const points = notes.filter(({ rule }) => pointRules.has(rule)).map(({ text }) => text);
  const items = [...points, ...facts.input.contributions];
  const table = objectiveTable(facts.input);
  return {
    number: "8",
    title: "Contributions",
    lead: items.length > 0 ? null : missing("A comparison", "fulcrum run"),
    blocks: [...(items.length > 0 ? [{ kind: "bullets", items } as const] : []), ...(table ? [tableBlock(table)] : [])],
    basis: runBasis(facts.input),
    notes,
  };
}
