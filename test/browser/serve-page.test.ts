/** The upload page in a real browser: choose, drop, keyboard, failure, phone; its policy must not be violated. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { serveOptions } from "../../src/serve/options.ts";
import { type RunningServer, startServer } from "../../src/serve/server.ts";
import { childWorkers } from "../../src/serve/worker-link.ts";
import { chromiumMissing, openChromium } from "../kit/chromium.ts";

/** For every test here: skipped without Chromium, ended where the page hangs. */
const browserTest = { skip: chromiumMissing, timeout: 30_000 };
const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 800 };
let server: RunningServer;
let browser: Browser;

before(async () => {
  if (browserTest.skip) return;
  const entry = fileURLToPath(new URL("../kit/fake-worker.ts", import.meta.url));
  server = await startServer({
    modelPath: import.meta.filename,
    options: serveOptions.parse({ port: 0, log: "silent", threads: 1 }),
    workersFor: (modelPath) => childWorkers({ modelPath, threads: 1, entry }),
  });
  browser = await openChromium();
});

after(async () => {
  await browser?.close();
  await server?.drain();
});

/** The page, and what went wrong on it: console errors (policy violations too) and requests to elsewhere. */
async function open(viewport: { width: number; height: number }): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport });
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(server.url)) problems.push(request.url());
  });
  await page.goto(server.url);
  return { page, problems };
}

const photo = (text: string) => ({ name: "photo.svg", mimeType: "image/jpeg", buffer: Buffer.from(text) });

test("a chosen photo shows class, confidence bars and the time", browserTest, async () => {
  const { page, problems } = await open(desktop);
  await page.getByLabel("Choose a photo").setInputFiles(photo("anything"));
  await page.locator("#result").waitFor();
  assert.equal(await page.locator("#class").textContent(), "Bread");
  assert.equal(await page.locator("#confidence").textContent(), "70 %");
  assert.deepEqual(await page.locator("#bars li .row").allInnerTexts(), ["Bread\n70 %", "Egg\n20 %", "Soup\n10 %"]);
  const widthOf = async (selector: string) => (await page.locator(selector).first().boundingBox())!.width;
  // The bar grows to its length; the test's time limit ends the wait for one that never gets there.
  while (Math.abs((await widthOf(".fill")) / (await widthOf(".track")) - 0.7) > 0.01) await page.waitForTimeout(20);
  assert.match((await page.locator("#timing").textContent())!, /^Answered in [\d.]+ ms: 2\.0 ms to decode.* 6\.0 ms/);
  assert.deepEqual(problems, []);
});

test("the photo can be chosen by keyboard alone, and another one after it", browserTest, async () => {
  const { page } = await open(desktop);
  let photos = 0;
  // Listening before the first key: the browser is told to hand choosers over only when somebody listens.
  page.on("filechooser", (chooser) => chooser.setFiles(photo(`photo ${photos++}`)));
  await page.locator("body").press("Tab");
  for (const expected of [1, 2]) {
    const answered = page.waitForResponse(`${server.url}/predict?ask=true`);
    await page.keyboard.press("Enter");
    assert.equal((await answered).status(), 200);
    assert.equal(photos, expected);
    await page.locator("#result").waitFor();
  }
});

test("a dropped photo is classified wherever it falls", browserTest, async () => {
  const { page } = await open(desktop);
  await page.evaluate(`{
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["anything"], "a.jpg", { type: "image/jpeg" }));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }`);
  await page.locator("#result").waitFor();
});

test("a refused photo shows the service's reason and can be tried again", browserTest, async () => {
  const { page } = await open(phone);
  await page.getByLabel("Choose a photo").setInputFiles(photo("refuse"));
  await page.getByRole("alert").waitFor();
  assert.match((await page.getByRole("alert").textContent())!, /is not a readable photo: it is a test/);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("alert").waitFor();
});

for (const [name, viewport] of Object.entries({ phone, desktop })) {
  test(`nothing is cut off at ${name} width`, browserTest, async () => {
    const { page } = await open(viewport);
    await page.getByLabel("Choose a photo").setInputFiles(photo("anything"));
    await page.locator("#result").waitFor();
    const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
    assert.ok(width <= viewport.width, `content is ${width} pixels wide`);
    const drop = (await page.locator("#drop").boundingBox())!;
    const answer = (await page.locator("#answer").boundingBox())!;
    assert.equal(answer.x > drop.x + drop.width, name === "desktop", "side by side only where there is room");
  });
}
