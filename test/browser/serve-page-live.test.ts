/** The page's question (live accuracy), the camera, pasting, and axe-core's view of every state, in a real browser. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { readAnswers } from "../../src/answers/index.ts";
import { serveOptions } from "../../src/serve/options.ts";
import { type RunningServer, startServer } from "../../src/serve/server.ts";
import { childWorkers } from "../../src/serve/worker-link.ts";
import { chromiumMissing, openChromium } from "../kit/chromium.ts";
import { eventually } from "../kit/eventually.ts";

const browserTest = { skip: chromiumMissing, timeout: 30_000 };
const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 800 };
let dir: string;
let answers: string;
let server: RunningServer;
let browser: Browser;
let axe: string;

before(async () => {
  if (browserTest.skip) return;
  dir = await mkdtemp(join(tmpdir(), "fulcrum-page-"));
  answers = join(dir, "answers.sqlite");
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const entry = fileURLToPath(new URL("../kit/fake-worker.ts", import.meta.url));
  server = await startServer({
    modelPath: import.meta.filename,
    options: serveOptions.parse({ port: 0, log: "silent", threads: 1, askShare: 1, answers }),
    workersFor: (modelPath) => childWorkers({ modelPath, threads: 1, entry }),
  });
  browser = await openChromium();
});

after(async () => {
  await browser?.close();
  await server?.drain();
  if (dir) await rm(dir, { recursive: true });
});

async function open(viewport = desktop): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport });
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(server.url);
  return { page, problems };
}

const photo = (text: string) => ({ name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from(text) });
const choose = (page: Page, text: string) => page.getByLabel("Choose a photo").setInputFiles(photo(text));

test("the category is asked for before anything of the prediction shows, and kept", browserTest, async () => {
  const { page, problems } = await open();
  await choose(page, "asked");
  await page.getByRole("group", { name: "Which class is it?" }).waitFor();
  assert.equal(await page.locator("#result").isVisible(), false);
  assert.equal(await page.locator("#class").textContent(), "");
  assert.match((await page.locator("#question-note").textContent())!, /the photo is not/);
  // By keyboard: the first choice has the focus, the next is a tab away.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("#result").waitFor();
  assert.equal(await page.locator("#class").textContent(), "Bread");
  const row = readAnswers(answers).find(({ category }) => category === "Egg")!;
  assert.equal(row.predicted, "Bread");
  assert.deepEqual(problems, []);
});

test("who cannot tell gets the prediction, and nothing is kept", browserTest, async () => {
  const { page } = await open(phone);
  const before = readAnswers(answers).length;
  await choose(page, "skipped");
  await page.getByRole("button", { name: "I cannot tell" }).click();
  await page.locator("#result").waitFor();
  assert.equal(readAnswers(answers).length, before);
});

test("a pasted photo is taken", browserTest, async () => {
  const { page } = await open();
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["pasted"], "a.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }`);
  await page.locator("#question").waitFor();
});

test("the camera's picture becomes the photo; the camera is off afterwards", browserTest, async () => {
  const { page, problems } = await open();
  await page.getByRole("button", { name: "Use the camera" }).click();
  const shoot = page.getByRole("button", { name: "Take the photo" });
  await page.locator("#shoot:enabled").waitFor();
  const tracks = "document.getElementById('viewfinder').srcObject.getVideoTracks()[0]";
  await page.evaluate(`{ window.track = ${tracks}; }`);
  // The browser keeps a form's file to itself, so the page is asked what it got.
  await page.evaluate(`document.addEventListener("photo-taken", ({ detail }) => { window.taken = detail; })`);
  await shoot.click();
  await page.locator("#question").waitFor();
  assert.equal(await page.evaluate("window.track.readyState"), "ended");
  const start = await page.evaluate("window.taken.slice(0, 3).arrayBuffer().then((head) => [...new Uint8Array(head)])");
  assert.deepEqual(start, [0xff, 0xd8, 0xff], "a JPEG");
  assert.equal(await page.locator("#preview").isVisible(), true);
  assert.deepEqual(problems, []);
});

test(
  "opened again before the camera was allowed: only one stream runs, and none after closing",
  browserTest,
  async () => {
    const { page } = await open();
    await page.evaluate(`{
    const really = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.streams = [];
    const allowed = new Promise((resolve) => (window.allow = resolve));
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      await allowed;
      const stream = await really(wanted);
      window.streams.push(stream);
      return stream;
    };
  }`);
    const camera = page.getByRole("button", { name: "Use the camera" });
    await camera.click();
    await page.keyboard.press("Escape");
    await camera.click();
    await page.evaluate("window.allow()");
    const live =
      "window.streams.map((stream) => stream.getTracks().filter((track) => track.readyState === 'live').length)";
    // Asked from outside: a page with this Content Security Policy does not let itself be polled by waitForFunction.
    await eventually(() => page.evaluate<boolean>(`String(${live}.toSorted()) === "0,1"`));
    await page.keyboard.press("Escape");
    await eventually(() => page.evaluate<boolean>(`String(${live}) === "0,0"`));
  },
);

test("a camera that is refused is said so, and Escape leaves", browserTest, async () => {
  const { page } = await open();
  await page.evaluate("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no camera here'))");
  await page.getByRole("button", { name: "Use the camera" }).click();
  await page.getByText("The camera cannot be used: no camera here.").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#camera-dialog").isVisible(), false);
});

/** Every state of the page, brought about as a user would. */
const states: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  "at first": async () => {},
  question: async (page) => {
    await choose(page, "a state");
    await page.locator("#question").waitFor();
  },
  result: async (page) => {
    await choose(page, "a state");
    await page.getByRole("button", { name: "Soup" }).click();
    await page.locator("#result").waitFor();
  },
  failure: async (page) => {
    await choose(page, "refuse");
    await page.getByRole("alert").waitFor();
  },
  camera: async (page) => {
    await page.getByRole("button", { name: "Use the camera" }).click();
    await page.locator("#shoot:enabled").waitFor();
  },
};
for (const scheme of ["light", "dark"] as const) {
  for (const [name, bring] of Object.entries(states)) {
    test(`axe-core has no objection: ${name}, ${scheme}`, browserTest, async () => {
      const { page } = await open(phone);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await bring(page);
      await page.evaluate(axe);
      const { violations } = (await page.evaluate("axe.run()")) as { violations: { id: string; nodes: unknown[] }[] };
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, JSON.stringify(nodes).slice(0, 300)]),
        [],
      );
      const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
      assert.ok(width <= phone.width, `content is ${width} pixels wide`);
    });
  }
}
