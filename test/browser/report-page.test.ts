/** The report in a real browser: alone, at phone and desktop width, in the dark, on paper, by pointer and by keys. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { latenciesOf } from "../../src/report/facts/latencies.ts";
import { renderReport, tellStory } from "../../src/report/index.ts";
import { chromiumMissing, openChromium } from "../kit/chromium.ts";
import { madeUpRun } from "../kit/report-records.ts";

const browserTest = { skip: chromiumMissing, timeout: 60_000 };
const widths = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
let browser: Browser;
let dir: string;
let url: string;

before(async () => {
  if (browserTest.skip) return;
  dir = await mkdtemp(join(tmpdir(), "fulcrum-page-"));
  const latencies = new Map([["measure/single/accuracy/record.json", latenciesOf([100, 150, 300, 700])!]]);
  const evil = "</script><script>document.title = 'run'</script>";
  const story = tellStory({ ...madeUpRun(), latencies, contributions: [evil] });
  await writeFile(join(dir, "report.html"), await renderReport(story));
  url = pathToFileURL(join(dir, "report.html")).href;
  browser = await openChromium();
});

after(async () => {
  await browser?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

async function open(options: BrowserContextOptions): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage(options);
  const problems: string[] = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url && !/^(data|blob):/.test(request.url())) problems.push(`asks for ${request.url()}`);
  });
  await page.goto(url);
  return { page, problems };
}

for (const [name, viewport] of Object.entries(widths)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `${name}, ${colorScheme}: nothing is cut off, nothing is fetched, nothing goes wrong`,
      browserTest,
      async () => {
        const { page, problems } = await open({ viewport, colorScheme });
        const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
        assert.ok(width <= viewport.width, `content is ${width} pixels wide`);
        const lightness = Number(
          await page.evaluate("Number(/\\d+/.exec(getComputedStyle(document.body).backgroundColor)[0])"),
        );
        assert.equal(lightness > 128, colorScheme === "light");
        assert.match(await page.title(), /^fulcrum report/, "a text from a project file was not run");
        assert.deepEqual(problems, []);
        await page.close();
      },
    );
  }
}

test("a pointer on a plot shows the values there and they go away with it", browserTest, async () => {
  const { page, problems } = await open({ viewport: widths.desktop });
  const plot = page.locator('figure[aria-label="Requests per scaled minute"] .plot').first();
  await plot.hover();
  const tip = page.locator(".tip");
  await tip.waitFor();
  assert.match((await tip.textContent())!, /minutes of the scenario.*requests: \d+/);
  await page.mouse.move(1, 1);
  await tip.waitFor({ state: "hidden" });
  assert.deepEqual(problems, []);
  await page.close();
});

test(
  "the arrow keys walk through a plot's values; inverted plots are walked from left to right as well",
  browserTest,
  async () => {
    const { page } = await open({ viewport: widths.desktop });
    const plot = page.locator('figure[aria-label="Single pod: response time"] .plot');
    await plot.focus();
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press("ArrowRight");
      seen.push((await page.locator(".tip strong").textContent())!.split(" ")[0]!);
    }
    // Ten users on one replica: ten times 180, 95 and 60 ms, the slowest on the left.
    assert.deepEqual(seen, ["1800", "950", "600"]);
    await page.keyboard.press("Escape");
    assert.ok(await page.locator(".tip").isHidden());
    await page.close();
  },
);

test("every plot has its table for readers who do not see it, and each can be saved", browserTest, async () => {
  const { page } = await open({ viewport: widths.desktop });
  const figures = await page.locator("figure").count();
  assert.equal(await page.locator("figure > details table").count(), figures);
  const first = page.locator("figure").first();
  await first.locator("summary").click();
  const [download] = await Promise.all([page.waitForEvent("download"), first.getByRole("button").click()]);
  assert.equal(download.suggestedFilename(), "accuracy-accuracy-by-epoch.csv");
  await page.close();
});

test("on paper: dark ink on white, plots whole, no controls", browserTest, async () => {
  const { page } = await open({ viewport: widths.desktop, colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const style = (property: string) => page.evaluate(`getComputedStyle(document.body).${property}`);
  assert.match(String(await style("color")), /^rgb\(26, 31, 36\)/);
  assert.equal(await page.locator("figure details").first().isVisible(), false);
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  assert.ok(pdf.match(/\/Type\s*\/Page\b/g)!.length < 30);
  await page.close();
});
