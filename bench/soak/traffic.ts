/** The well-formed load: photos at random moments with a given mean rate, each answer held against the right one. */
import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { Rng } from "../../src/base/rng.ts";
import type { PredictionAnswer } from "../../src/serve/schemas.ts";
import type { SoakModel } from "./fixtures.ts";

export interface Counts {
  sent: number;
  right: number;
  /** 503 with Retry-After. */
  refused: number;
  /** A 200 with another answer than the model that it names gives. */
  wrong: number;
  /** Anything else: neither an answer nor a 503. */
  lost: number;
  readonly problems: string[];
}

export function newCounts(): Counts {
  return { sent: 0, right: 0, refused: 0, wrong: 0, lost: 0, problems: [] };
}

/** Another batch size or a fused kernel may round differently; a wrong answer is far off. */
const tolerance = 1e-3;
const shownProblems = 20;

export interface Traffic {
  readonly client: Dispatcher;
  readonly photos: readonly Uint8Array[];
  readonly models: readonly SoakModel[];
  readonly rng: Rng;
}

/** Sends one photo and judges what comes. */
export async function sendPhoto({ client, photos, models, rng }: Traffic, counts: Counts): Promise<void> {
  const index = rng.int(photos.length);
  counts.sent++;
  try {
    const headers = { "content-type": "image/jpeg" };
    const sent = { path: "/predict?top=11", method: "POST", headers, body: photos[index]! } as const;
    const response = await client.request(sent);
    const text = await response.body.text();
    if (response.statusCode === 503 && response.headers["retry-after"]) counts.refused++;
    else if (response.statusCode !== 200) lose(counts, `status ${response.statusCode}: ${text}`);
    else if (isRight(JSON.parse(text) as PredictionAnswer, models, index)) counts.right++;
    else {
      counts.wrong++;
      note(counts, `photo ${index}: ${text}`);
    }
  } catch (error) {
    lose(counts, String(error));
  }
}

function isRight(answer: PredictionAnswer, models: readonly SoakModel[], index: number): boolean {
  const expected = models.find(({ sha256 }) => sha256 === answer.model)?.expected[index];
  if (!expected || answer.probabilities.length !== Object.keys(expected).length) return false;
  return answer.probabilities.every((entry) => Math.abs(entry.probability - expected[entry.class]!) < tolerance);
}

function lose(counts: Counts, problem: string): void {
  counts.lost++;
  note(counts, problem);
}

function note({ problems }: Counts, problem: string): void {
  if (problems.length < shownProblems) problems.push(problem.slice(0, 300));
}

/** Photos a second that the service answers when as many are always under way as keep it busy. */
export async function capacity(traffic: Traffic, users: number, seconds: number): Promise<number> {
  const counts = newCounts();
  const endMs = performance.now() + seconds * 1000;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: users }, async () => {
      while (performance.now() < endMs) await sendPhoto(traffic, counts);
    }),
  );
  return counts.right / ((performance.now() - startMs) / 1000);
}

/** Poisson arrivals until the signal fires; resolves when the last answer is in. */
export async function drive(
  traffic: Traffic,
  ratePerSecond: number,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let dueMs = performance.now();
  while (!signal.aborted) {
    dueMs += (-Math.log(1 - traffic.rng.float()) / ratePerSecond) * 1000;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {});
    const sent = sendPhoto(traffic, counts);
    underWay.add(sent);
    void sent.finally(() => underWay.delete(sent));
  }
  await Promise.all(underWay);
}
