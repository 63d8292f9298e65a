/** Load scenarios: siege-like closed loops, open loops, and series of one-minute runs. */
import { z } from "zod";
import { durationQuantity, slug } from "./quantities.ts";

const name = slug.describe("Name, used by deployments");
const users = z.int().min(1).max(1000).describe("Concurrent users, as siege -c");
const delay = durationQuantity.prefault(0).describe("Longest pause of a user between requests, as siege -d");
const timeScale = z.number().min(1).max(120).default(1).describe("Minutes and all autoscaler periods shrink by this");

const closed = z.strictObject({
  name,
  kind: z.literal("closed").describe("Each user waits for the answer before the next request, as siege"),
  users,
  delay,
  duration: durationQuantity.describe("Length, as 60s"),
});

const open = z.strictObject({
  name,
  kind: z.literal("open").describe("Requests start at a rate, whether or not answers come"),
  ratePerSecond: z.number().positive().max(10000).describe("Requests a second"),
  duration: durationQuantity.describe("Length, as 60s"),
});

const series = z.strictObject({
  name,
  kind: z.literal("series").describe("One-minute siege runs, one after the other"),
  minutes: z
    .array(z.strictObject({ minutes: z.int().min(1).max(600).default(1).describe("Runs of one minute"), delay, users }))
    .min(1)
    .describe("The runs"),
  timeScale,
});

export const loadScenario = z.discriminatedUnion("kind", [closed, open, series]);

export type LoadScenario = z.output<typeof loadScenario>;
export type ClosedLoad = z.output<typeof closed>;
export type OpenLoad = z.output<typeof open>;
export type SeriesLoad = z.output<typeof series>;
