/** The slides as files: native charts, tables and notes in the PPTX; the same pages with vectors in the PDF. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { strFromU8, unzipSync } from "fflate";
import { renderSlides, tellStory } from "../../src/report/index.ts";
import { madeUpRun } from "../kit/report-records.ts";

const story = tellStory(madeUpRun());
let parts: Record<string, Uint8Array>;
let pdf: Uint8Array;

before(async () => {
  parts = unzipSync(await renderSlides(story.deck, "pptx"));
  pdf = await renderSlides(story.deck, "pdf");
});

const textOf = (path: string) => strFromU8(parts[path]!);
const named = (pattern: RegExp) =>
  Object.keys(parts)
    .filter((path) => pattern.test(path))
    .toSorted((a, b) => Number(/(\d+)\.\w+$/.exec(a)![1]) - Number(/(\d+)\.\w+$/.exec(b)![1]));
const charts = () => named(/^ppt\/charts\/chart\d+\.xml$/).map(textOf);
const missingTool = (path: string) => (existsSync(path) ? false : `needs ${path}, which is missing here`);

test("eight slides, each with its title and its sentences as paragraphs of the notes", () => {
  const slides = named(/^ppt\/slides\/slide\d+\.xml$/);
  const notes = named(/^ppt\/notesSlides\/notesSlide\d+\.xml$/);
  assert.equal(slides.length, 8);
  story.deck.slides.forEach(({ title, number, notes: sentences }, i) => {
    assert.ok(textOf(slides[i]!).includes(`${number}  ${title}`), title);
    const body = /<p:ph type="body" idx="1"\/>(.*?)<\/p:txBody>/s.exec(textOf(notes[i]!))![1]!;
    const paragraphs = [...body.matchAll(/<a:t>(.*?)<\/a:t>/gs)].map(([, text]) => text!.replaceAll("&lt;", "<"));
    assert.deepEqual(
      paragraphs,
      sentences.map(({ text }) => text),
    );
  });
});

test("plots are native charts with a workbook each, and no picture stands in for one", () => {
  // 2 scatter plots for each of 2 shapes, 6 panels for each of 2 models.
  assert.equal(charts().length, 2 * 2 + 6 * 2);
  for (const xml of charts()) {
    assert.match(xml, /<c:scatterChart>/);
    assert.match(xml, /<c:externalData r:id="rId1">/);
    assert.doesNotMatch(xml, /NaN|undefined|Infinity|<c:v><\/c:v>/);
  }
  assert.deepEqual(named(/\.(png|jpe?g|svg|emf)$/), []);
});

test("response time grows to the left and the vertical axis stays on the left", () => {
  const inverted = charts().filter((xml) => xml.includes("fast on the right"));
  assert.equal(inverted.length, 2);
  for (const xml of inverted) {
    const [x, y] = [...xml.matchAll(/<c:valAx>.*?<\/c:valAx>/gs)].map(([axis]) => axis!);
    assert.match(x!, /<c:orientation val="maxMin"\/>/);
    assert.match(y!, /<c:orientation val="minMax"\/>/);
    assert.match(y!, /<c:crosses val="max"\/>/, "at the greatest x, which is on the left");
  }
});

test("points carry names and intervals, targets are dashed, steps are doubled points", () => {
  const [response] = charts();
  assert.equal(response!.match(/<c:errBars>/g)?.length, 3);
  assert.equal(response!.match(/<c:showSerName val="1"\/>/g)?.length, 3);
  assert.match(response!, /accuracy asked for.*?<a:prstDash val="dash"\/>/s);
  const replicas = charts().find((xml) => xml.includes("<a:t>Replicas</a:t>"))!;
  const [ready] = [...replicas.matchAll(/<c:ser>.*?<\/c:ser>/gs)]
    .map(([xml]) => xml!)
    .filter((xml) => xml.includes(">ready<"));
  const values = (tag: string) =>
    [...new RegExp(`<c:${tag}>.*?</c:${tag}>`, "s").exec(ready!)![0].matchAll(/<c:v>(.*?)<\/c:v>/g)].map(([, v]) => v);
  const [x, y] = [values("xVal"), values("yVal")];
  const change = y.findIndex((value, i) => i > 0 && value !== y[i - 1]);
  assert.equal(x[change], x[change - 1], "a change stands at one time, with the value before and the one after it");
});

test("each chart's data lies where its formulas say", () => {
  const [workbook] = named(/^ppt\/embeddings\/.*\.xlsx$/);
  const files = unzipSync(parts[workbook!]!);
  const read = (path: string) => strFromU8(files[path]!);
  const names = [...read("xl/sharedStrings.xml").matchAll(/<si><t>(.*?)<\/t><\/si>/g)].map(([, name]) => name);
  const columns = [...read("xl/tables/table1.xml").matchAll(/<tableColumn id="\d+" name="(.*?)"/g)].map(
    ([, name]) => name,
  );
  assert.deepEqual(names, ["x", "accuracy", "latency", "previous", "accuracy asked for"]);
  assert.deepEqual(columns, names);
  const sheet = read("xl/worksheets/sheet1.xml");
  assert.doesNotMatch(sheet, /<v><\/v>/);
  const second = [...charts()[0]!.matchAll(/<c:ser>.*?<\/c:ser>/gs)].map(([xml]) => xml!)[1]!;
  const [, row] = /<c:xVal><c:numRef><c:f>Sheet1!\$A\$(\d+):\$A\$\1<\/c:f>/.exec(second)!;
  const cell = (name: string) => Number(new RegExp(`<c r="${name}"><v>(.*?)</v>`).exec(sheet)![1]);
  assert.equal(cell(`A${row}`), 600, "ten users on one replica of 60 ms");
  assert.match(second, new RegExp(`<c:yVal><c:numRef><c:f>Sheet1!\\$C\\$${row}:`));
});

test("tables are native, and rows that differ are filled", () => {
  const first = textOf(named(/^ppt\/slides\/slide\d+\.xml$/)[0]!);
  assert.match(first, /<a:tbl>/);
  const rows = [...first.matchAll(/<a:tr .*?<\/a:tr>/gs)].map(([row]) => row!);
  const isFilled = (label: string) => rows.find((row) => row.includes(`>${label}<`))!.includes("FFF3CF");
  assert.ok(isFilled("base model"));
  assert.ok(!isFilled("head: optimizer, rate"));
});

test("markup in names stays text in every part", async () => {
  const deck = { ...story.deck, slides: story.deck.slides.map((slide) => ({ ...slide, title: `<a:t>&"'\u0001` })) };
  const files = unzipSync(await renderSlides(deck, "pptx"));
  const xml = strFromU8(files["ppt/slides/slide1.xml"]!);
  assert.ok(xml.includes("&lt;a:t&gt;&amp;"));
});

test("the PDF has the same eight pages, and plots as vectors", () => {
  const raw = Buffer.from(pdf).toString("latin1");
  assert.match(raw, /^%PDF-1\.\d/);
  assert.equal(raw.match(/\/Type \/Page\b/g)?.length, 8);
  assert.doesNotMatch(raw, /\/Subtype \/Image/);
  assert.match(raw, /\/FontFile2/, "its letters come with it");
});

test("text of the PDF can be searched", { skip: missingTool("/usr/bin/pdftotext") }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-pdf-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, "slides.pdf"), pdf);
  execFileSync("pdftotext", ["-layout", join(dir, "slides.pdf")]);
  const pages = (await readFile(join(dir, "slides.txt"), "utf8")).split("\f");
  story.deck.slides.forEach(({ title }, i) => {
    assert.ok(pages[i]!.includes(title), `page ${i + 1} is ${title}`);
  });
  for (const text of ["mean response time, ms (fast on the right)", "accuracy", "previous"])
    assert.ok(pages[1]!.includes(text), text);
});

test("LibreOffice opens the PPTX with all its pages", {
  skip: missingTool("/usr/bin/soffice"),
  timeout: 120_000,
}, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-pptx-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, "slides.pptx"), await renderSlides(story.deck, "pptx"));
  const profile = `-env:UserInstallation=file://${join(dir, "profile")}`;
  execFileSync("soffice", ["--headless", profile, "--convert-to", "pdf", "--outdir", dir, join(dir, "slides.pptx")], {
    stdio: "ignore",
  });
  const raw = (await readFile(join(dir, "slides.pdf"))).toString("latin1");
  assert.equal(raw.match(/\/Type\s*\/Page\b/g)?.length, 8);
});
