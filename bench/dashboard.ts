/**
 * The live page in Chromium for 30 seconds, at phone and desktop width, while a run tells ten times what a real one does:
 * the longest task of the page's main thread, and what the page's server costs.
 *
 * Floor, checked here: no task over 50 ms (W3C Long Tasks API, which reports those alone).
 *
 * Command: node bench/dashboard.ts [--seconds 30]
 * Needs Chromium (Debian: apt install chromium).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { describeMachine } from "../src/base/machine.ts";
import { startDashboard } from "../src/live/dashboard.ts";
import { openJournal, type Tell } from "../src/live/index.ts";
import { openChromium } from "../test/kit/chromium.ts";
import { liveStory } from "../test/kit/live-story.ts";

const widths = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
/** A real run tells of load, platform and resources once a second. */
const tellEveryMs = 100;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seconds: { type: "string", default: "30" } } });
  const { cpuModel, cpuCount, node } = describeMachine();
  const browser = await openChromium();
  process.stdout.write(`Chromium ${browser.version()}, Node ${node}, ${cpuCount} cores of ${cpuModel}\n`);
  let isReached = true;
  try {
    for (const [name, viewport] of Object.entries(widths)) {
      const longTasks = await watch(browser, viewport, Number(values.seconds));
      isReached &&= longTasks.length === 0;
      const longest = longTasks.length === 0 ? "none over 50 ms: reached" : `NOT REACHED: ${longTasks.join(", ")} ms`;
      process.stdout.write(`${name}, ${values.seconds} s: long tasks: ${longest}\n`);
    }
  } finally {
    await browser.close();
  }
  return isReached ? 0 : 1;
}

/** Durations of the long tasks, in ms, those of loading the page included. */
async function watch(
  browser: Browser,
  viewport: { width: number; height: number },
  seconds: number,
): Promise<number[]> {
  const runDir = await mkdtemp(join(tmpdir(), "fulcrum-bench-"));
  const journal = openJournal(runDir);
  for (const event of liveStory(Date.now()).slice(0, 11)) journal.tell(event);
  const dashboard = await startDashboard({ runDir, host: "127.0.0.1", port: 0 });
  const page = await browser.newPage({ viewport });
  try {
    await page.addInitScript(`
      window.longTasks = [];
      new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask", buffered: true });`);
    await page.goto(dashboard.url);
    const startCpu = process.cpuUsage();
    await tellFor(seconds, journal.tell);
    const { user, system } = process.cpuUsage(startCpu);
    process.stdout.write(`telling and serving: ${((user + system) / 1e4 / seconds).toFixed(1)} % of a core\n`);
    return await page.evaluate<number[]>("window.longTasks");
  } finally {
    await page.close();
    await dashboard.close();
    journal.close();
    await rm(runDir, { recursive: true });
  }
}

async function tellFor(seconds: number, tell: Tell): Promise<void> {
  const story = liveStory(0);
  const kinds = story.filter(({ type }) => ["load", "resources", "platform", "log", "epoch", "step"].includes(type));
  const endMs = performance.now() + seconds * 1000;
  for (let round = 1; performance.now() < endMs; round++) {
    for (const event of kinds)
      tell({ ...event, epochMs: Date.now(), ...(event.type === "epoch" ? { epoch: round } : {}) });
    await wait(tellEveryMs);
  }
}
