/** The live page's server: files, the stream of a run that begins, goes on, is started again, is killed. */
import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startDashboard } from "../../src/live/dashboard.ts";
import type { LiveEvent } from "../../src/live/event.ts";
import type { FeedMessage } from "../../src/live/feed.ts";
import { openJournal } from "../../src/live/index.ts";
import type { LiveState } from "../../src/live/state.ts";
import { liveStory } from "../kit/live-story.ts";

async function open(context: TestContext) {
  const runDir = await mkdtemp(join(tmpdir(), "fulcrum-live-"));
  const dashboard = await startDashboard({ runDir, host: "127.0.0.1", port: 0 });
  context.after(async () => {
    await dashboard.close();
    await rm(runDir, { recursive: true });
  });
  return { url: dashboard.url, runDir, journal: join(runDir, "live.jsonl") };
}

const lines = (events: readonly LiveEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

/** Messages of the stream, one after the other. */
async function* messages(url: string, signal: AbortSignal): AsyncGenerator<FeedMessage> {
  const response = await fetch(`${url}/events`, { signal });
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

async function nextSnapshot(stream: AsyncGenerator<FeedMessage>): Promise<LiveState> {
  const { value } = await stream.next();
  assert.ok("snapshot" in value);
  return value.snapshot;
}

/** Waits until an event of the type has come. */
async function untilEvent(stream: AsyncGenerator<FeedMessage>, type: LiveEvent["type"]): Promise<LiveEvent> {
  for (;;) {
    const { value } = await stream.next();
    const found = "events" in value ? value.events.find((event: LiveEvent) => event.type === type) : undefined;
    if (found !== undefined) return found;
  }
}

test("the page's files come with a policy that lets nothing else in, and scripts without types", async (context) => {
  const { url } = await open(context);
  const page = await fetch(url);
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.match(await page.text(), /<h1/);
  const script = await fetch(`${url}/src/live/state.ts`);
  assert.match(script.headers.get("content-type") ?? "", /javascript/);
  assert.doesNotMatch(await script.text(), /: LiveState\b/);
  assert.equal((await fetch(`${url}/src/live/feed.ts`)).status, 404);
});

test("a viewer before the run sees it begin, grow by halves of lines, and start again", async (context) => {
  const { url, journal } = await open(context);
  const stop = new AbortController();
  const stream = messages(url, stop.signal);
  assert.equal((await nextSnapshot(stream)).outcome, "none");
  const text = lines(liveStory().slice(0, 2));
  await writeFile(journal, text.slice(0, -10));
  assert.equal((await untilEvent(stream, "run")).type, "run");
  await appendFile(journal, text.slice(-10));
  assert.equal((await untilEvent(stream, "task")).type, "task");
  await writeFile(journal, lines([{ type: "run", epochMs: 5, name: "again", pid: process.pid, tasks: [] }]));
  const again = await untilEvent(stream, "run");
  assert.equal(again.type === "run" && again.name, "again");
  const late = messages(url, stop.signal);
  assert.equal((await nextSnapshot(late)).name, "again");
  stop.abort();
});

test("a viewer who comes back during a longer run sees that one alone", async (context) => {
  const { url, runDir } = await open(context);
  const first = openJournal(runDir);
  for (const event of liveStory().slice(0, 2)) first.tell(event);
  first.close();
  const stop = new AbortController();
  const stream = messages(url, stop.signal);
  assert.equal((await nextSnapshot(stream)).name, "story");
  await stream.return(undefined);
  const second = openJournal(runDir);
  second.tell({ type: "run", epochMs: 5, name: "longer", pid: process.pid, tasks: ["dataset"] });
  for (let i = 0; i < 50; i++) second.tell({ type: "log", epochMs: i, line: "more than the first run wrote" });
  second.close();
  const { name, log } = await nextSnapshot(messages(url, stop.signal));
  assert.deepEqual([name, log.length], ["longer", 50]);
  stop.abort();
});

test("a run whose process is gone without an end counts as interrupted", async (context) => {
  const { url, journal } = await open(context);
  // Numbers of processes end at 2^22 on Linux.
  await writeFile(journal, lines(liveStory(1000, 2 ** 22 + 1).slice(0, 4)));
  const stop = new AbortController();
  const stream = messages(url, stop.signal);
  assert.equal((await nextSnapshot(stream)).outcome, "running");
  const end = await untilEvent(stream, "end");
  assert.equal(end.type === "end" && end.outcome, "interrupted");
  stop.abort();
});

test("a port that is taken is an error that says so", async (context) => {
  const { url } = await open(context);
  const port = Number(new URL(url).port);
  await assert.rejects(startDashboard({ runDir: tmpdir(), host: "127.0.0.1", port }), { code: "LIVE_CANNOT_LISTEN" });
});
