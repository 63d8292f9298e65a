/** Figures as files: SVG complete in itself, PNG of twice its size, and the CSV of its numbers. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decodePhoto } from "../../src/images/index.ts";
import { factsOf } from "../../src/report/facts/facts.ts";
import { allFigures } from "../../src/report/figures/all.ts";
import { scatterFigures } from "../../src/report/figures/scatter.ts";
import { renderSvg } from "../../src/report/figures/svg.ts";
import { writeFigures } from "../../src/report/figures/write.ts";
import { madeUpRun } from "../kit/report-records.ts";

test("every plot is written as SVG, PNG and CSV", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-figures-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const facts = factsOf(madeUpRun());
  const ids = allFigures(facts).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, "names are unique");
  const some = allFigures(facts).filter(({ id }) => /^(single-response-time|confusion-accuracy)$/.test(id));
  await writeFigures(some, dir);
  assert.deepEqual((await readdir(dir)).toSorted(), [
    "confusion-accuracy.csv",
    "confusion-accuracy.png",
    "confusion-accuracy.svg",
    "single-response-time.csv",
    "single-response-time.png",
    "single-response-time.svg",
  ]);
  const png = await decodePhoto(await readFile(join(dir, "single-response-time.png")), "png");
  assert.deepEqual([png.width, png.height], [1120, 720]);
  const dark = png.data.filter((value) => value < 100).length;
  assert.ok(dark > 2000, `letters and marks are drawn: ${dark} dark values`);
  const csv = await readFile(join(dir, "single-response-time.csv"), "utf8");
  const [header, ...rows] = csv.trim().split("\n");
  assert.match(
    header!,
    /^"mean response time, ms \(fast on the right\)",accuracy,"accuracy, low","accuracy, high",latency/,
  );
  assert.deepEqual(
    rows.map((row) => row.split(",")[0]),
    ["600", "950", "1800"],
  );
});

test("an SVG has its points' names, its label, and no outside reference", () => {
  const [figure] = scatterFigures(factsOf(madeUpRun()), "single");
  const svg = renderSvg(figure!);
  assert.match(svg, /^<svg role="img" aria-label="Single pod: response time"/);
  for (const name of ["accuracy", "latency", "previous"]) assert.ok(svg.includes(`>${name}<`), name);
  assert.doesNotMatch(svg, /href="http|<script/);
});

test("the same records give the same picture", () => {
  const draw = () => allFigures(factsOf(madeUpRun())).map((figure) => renderSvg(figure));
  const again = draw();
  draw().forEach((svg, i) => {
    assert.ok(svg === again[i], `figure ${i}`);
    assert.doesNotMatch(svg, /class=|ecmeta|<style|zr\d/);
  });
});
