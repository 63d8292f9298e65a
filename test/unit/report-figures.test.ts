/** Figures as data: axes, names that cover nothing, tables, CSV, layout of slides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { factsOf } from "../../src/report/facts/facts.ts";
import { dominates, frontOf } from "../../src/report/facts/front.ts";
import { latenciesOf } from "../../src/report/facts/latencies.ts";
import { chooseAxis, chooseLogAxis, positionOn, ticksOf } from "../../src/report/figures/axis.ts";
import { frontFigure } from "../../src/report/figures/front.ts";
import { overlap, placeLabels } from "../../src/report/figures/labels.ts";
import { layoutPlot } from "../../src/report/figures/plot-layout.ts";
import { renderCsv } from "../../src/report/figures/table.ts";
import { tellStory } from "../../src/report/index.ts";
import { fitTable, page, placeBlocks } from "../../src/report/slides/layout.ts";
import { madeUpRun } from "../kit/report-records.ts";

test("an axis holds its values between round ends and keeps its bounds", () => {
  for (const values of [[200, 900], [1], [0.001, 0.002], [0, 0], [], [66.6, 82.7], [1e9, 3e9]]) {
    const { min, max, step } = chooseAxis({ label: "", values });
    assert.ok(min >= 0 && min < max && step > 0, `${values}: ${min} to ${max} by ${step}`);
    for (const value of values) assert.ok(value >= min && value <= max, `${value} in ${min} to ${max}`);
    const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
    assert.ok(
      [1, 2, 2.5, 5].some((round) => Math.abs(round - mantissa) < 1e-9),
      `step ${step}`,
    );
    assert.ok(ticksOf({ label: "", min, max, step }).length <= 9);
  }
  assert.equal(chooseAxis({ label: "", values: [80, 99], ceiling: 100 }).max, 100);
  assert.equal(chooseAxis({ label: "", values: [3, 9], fromZero: true }).min, 0);
  assert.equal(chooseAxis({ label: "", values: [1, 2], isWhole: true }).step, 1);
});

test("places on an axis: ends, inverted, logarithmic", () => {
  const axis = { label: "", min: 0, max: 10, step: 2 };
  assert.equal(positionOn(axis, 2.5), 0.25);
  assert.equal(positionOn({ ...axis, isInverted: true }, 2.5), 0.75);
  assert.ok(Math.abs(positionOn(chooseLogAxis("", [2, 900]), 10) - 1 / 3) < 1e-12);
  assert.deepEqual(ticksOf(chooseLogAxis("", [2, 900])), [1, 10, 100, 1000]);
});

test("names beside points cover neither each other nor points, however close these are", () => {
  const rng = new Rng(7);
  const area = { left: 60, top: 40, width: 480, height: 280 };
  for (let round = 0; round < 200; round++) {
    const points = Array.from({ length: 4 }, () => ({ x: rng.uniform(200, 360), y: rng.uniform(120, 240) }));
    // Two on the same spot: the hardest case that a report has.
    points[1] = { ...points[0]! };
    const items = points.map((point) => ({ ...point, width: 70, height: 16 }));
    const marks = points.map(({ x, y }) => ({ left: x - 6, top: y - 6, width: 12, height: 12 }));
    const boxes = placeLabels(items, area, marks).map(({ box }) => box);
    boxes.forEach((box, i) => {
      for (const other of [...boxes.slice(i + 1), ...marks]) assert.equal(overlap(box, other), 0, `round ${round}`);
      assert.ok(Math.abs(overlap(box, area) - box.width * box.height) < 1e-6, "inside the plot");
    });
  }
});

test("overlap of boxes is their common area", () => {
  const box = { left: 0, top: 0, width: 10, height: 10 };
  assert.equal(overlap(box, { left: 8, top: 5, width: 10, height: 10 }), 10);
  assert.equal(overlap(box, { left: 10, top: 0, width: 5, height: 5 }), 0);
});

test("CSV quotes what needs it and runs no formula", () => {
  const rows = [["a,b", 'say "x"', "=1+1", "-5", "-x", "line\nbreak"]];
  assert.equal(renderCsv({ header: ["h"], rows }), 'h\n"a,b","say ""x""",\'=1+1,-5,\'-x,"line\nbreak"\n');
});

test("quantiles of a known distribution", () => {
  const { count, quantilesMs } = latenciesOf(Array.from({ length: 200 }, (_, i) => 200 - i))!;
  assert.equal(count, 200);
  assert.deepEqual([quantilesMs[0], quantilesMs[1], quantilesMs[100], quantilesMs[200]], [1, 1, 100, 200]);
  assert.equal(latenciesOf([]), undefined);
});

test("the front keeps what nothing beats, equals included", () => {
  assert.ok(dominates([1, 1], [1, 2]) && !dominates([1, 2], [1, 2]) && !dominates([0, 3], [1, 2]));
  const points: [number, number][] = [
    [1, 5],
    [2, 4],
    [2, 6],
    [1, 5],
    [3, 1],
  ];
  assert.deepEqual(
    frontOf(points, (point) => point),
    [
      [1, 5],
      [2, 4],
      [1, 5],
      [3, 1],
    ],
  );
});

test("the front: a stepped line of time and accuracy, rings around what nothing beats in all three, costs as names", () => {
  const figure = frontFigure(factsOf(madeUpRun()))!;
  const named = (name: string) => figure.series.find((series) => series.name === name)!;
  const steps = named("front by time");
  assert.equal(steps.look, "steps");
  // Ten users wait for one replica of 60, 95, 180 ms a request (times 10) or for two (times 5); autoscaled answers take 1.8
  // times that of one. Of these 108 ms (latency) and 324 ms (accuracy) are on the front, which holds up to the slowest.
  assert.deepEqual(
    steps.points.map(({ x }) => Math.round(x)),
    [108, 324, figure.x.max],
  );
  const accuracies = steps.points.map(({ y }) => y!);
  assert.ok(accuracies[0]! < accuracies[1]! && accuracies[1] === accuracies[2]);
  // The single pods of both are slower and cheaper: one replica is requested, not two or more.
  assert.deepEqual(
    named("unbeaten")
      .points.map(({ x }) => Math.round(x))
      .toSorted((a, b) => a - b),
    [108, 324, 600, 1800],
  );
  // A core for 0.06 s a request: 1e6 * 0.06 / 3600 core-hours.
  assert.ok(figure.series.some(({ name, look }) => name === "single: 16.7" && look === "points"));
  const boxes = layoutPlot(figure, { width: 560, height: 360 }).labels.map(({ box }) => box);
  boxes.forEach((box, i) => {
    // A line is a fifth higher than its letters.
    for (const other of boxes.slice(i + 1)) assert.ok(overlap(box, other) < 0.1 * box.width * box.height);
  });
});

test("blocks of every slide lie on the page without covering each other, and tables fit their frames", () => {
  for (const slide of tellStory(madeUpRun()).deck.slides) {
    const placed = placeBlocks(slide);
    const boxes = placed.map(({ frame: { x, y, w, h } }) => ({ left: x, top: y, width: w, height: h }));
    boxes.forEach((box, i) => {
      assert.ok(box.left >= 0 && box.left + box.width <= page.width && box.top + box.height <= page.height - 0.5);
      for (const other of boxes.slice(i + 1)) assert.ok(overlap(box, other) < 1e-9, slide.title);
    });
    for (const { block, frame } of placed) {
      if (block.kind !== "table") continue;
      const { rowHeights, columnWidths } = fitTable(block.table, frame);
      assert.ok(rowHeights.reduce((a, b) => a + b, 0) <= frame.h + 1e-9, `${slide.title}: rows`);
      assert.ok(Math.abs(columnWidths.reduce((a, b) => a + b, 0) - frame.w) < 1e-6, `${slide.title}: columns`);
    }
  }
});
