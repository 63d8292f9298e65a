/** The live page in a real browser: a run that goes on, a lost connection, a phone, the keyboard, long tasks. */
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type Dashboard, startDashboard } from "../../src/live/dashboard.ts";
import type { LiveEvent } from "../../src/live/event.ts";
import { chromiumMissing, openChromium } from "../kit/chromium.ts";
import { liveStory } from "../kit/live-story.ts";

const browserTest = { skip: chromiumMissing, timeout: 60_000 };
const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 800 };
let browser: Browser;

before(async () => {
  if (!browserTest.skip) browser = await openChromium();
});
after(() => browser?.close());

class Run {
  readonly dir = mkdtempSync(join(tmpdir(), "fulcrum-live-"));
  readonly #journal = join(this.dir, "live.jsonl");
  dashboard: Dashboard | undefined;

  async start(context: TestContext, port = 0): Promise<string> {
    this.dashboard = await startDashboard({ runDir: this.dir, host: "127.0.0.1", port });
    context.after(() => this.dashboard?.close());
    return this.dashboard.url;
  }

  write(events: readonly LiveEvent[]): void {
    appendFileSync(this.#journal, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  }

  restart(events: readonly LiveEvent[]): void {
    writeFileSync(this.#journal, "");
    this.write(events);
  }
}

async function begin(context: TestContext, options: BrowserContextOptions, events: readonly LiveEvent[]) {
  const run = new Run();
  context.after(() => rmSync(run.dir, { recursive: true }));
  run.write(events);
  const url = await run.start(context);
  const page = await browser.newPage(options);
  context.after(() => page.close());
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => request.url().startsWith(url) || problems.push(request.url()));
  await page.goto(url);
  return { run, page, problems, url };
}

const story = () => liveStory(Date.now() - 11_000);

test("a run is drawn as it goes on: stages, curves, replicas, load, log, end", browserTest, async (context) => {
  const events = story();
  const { run, page, problems } = await begin(context, { viewport: desktop }, events.slice(0, 8));
  await page.getByText("train/latency").waitFor();
  assert.equal(await page.locator("#stages li[data-state=running] progress").count(), 1);
  await page.getByRole("img", { name: /^latency, head: accuracy: training 75.0 %/ }).waitFor();
  run.write(events.slice(8));
  await page.getByText("auto/latency: 1 ready, 1 starting, 1 pending").waitFor();
  await page.getByLabel("latency-3: pending").waitFor();
  await page.getByRole("img", { name: "Mean response time: mean 80 ms" }).waitFor();
  await page.getByRole("img", { name: "CPU, cores: used 0.6, requested 0.8, limit 2.0" }).waitFor();
  await page.getByText("auto/latency: <b>2 of 3</b> replicas").waitFor();
  await page.getByText("done, 11 s").waitFor();
  assert.equal(await page.title(), "story: 3 of 3");
  assert.deepEqual(problems, []);
});

test("a lost connection is told, and mended when the server is back", browserTest, async (context) => {
  const { run, page, url } = await begin(context, { viewport: desktop }, story().slice(0, 4));
  await page.getByText("live", { exact: true }).waitFor();
  await run.dashboard?.close();
  await page.getByText("connection lost").waitFor();
  run.restart([{ type: "run", epochMs: Date.now(), name: "second", pid: process.pid, tasks: ["dataset"] }]);
  await run.start(context, Number(new URL(url).port));
  await page.getByRole("heading", { name: "second" }).waitFor();
  await page.getByText("live", { exact: true }).waitFor();
});

test("nothing is wider than a phone, and dark mode is dark", browserTest, async (context) => {
  const { page } = await begin(context, { viewport: phone, colorScheme: "dark" }, story());
  await page.getByText("done, 11 s").waitFor();
  const scrollWidth = await page.evaluate<number>("document.documentElement.scrollWidth");
  const ground = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  assert.ok(scrollWidth <= phone.width, `${scrollWidth} px wide`);
  assert.equal(ground, "rgb(25, 23, 20)");
});

test("the keyboard reaches every plot and reads its values", browserTest, async (context) => {
  const { page } = await begin(context, { viewport: desktop }, story());
  await page.getByText("done, 11 s").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to the run");
  const plot = page.getByRole("img", { name: /^Requests per second/ });
  const plots = await page.getByRole("img").count();
  for (let tab = 0; tab < plots && !(await isFocused(page)); tab++) await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.getByText("0.0 s: answered 40").waitFor();
  assert.equal(await plot.count(), 1);
});

async function isFocused(page: Page): Promise<boolean> {
  return page.evaluate<boolean>("(document.activeElement.getAttribute('aria-label') ?? '').startsWith('Requests')");
}
