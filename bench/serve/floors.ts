/** The floors of serving: what fulcrum has to reach beside its peers, and the verdict on measured figures. Pure. */
import { median, type RatioInterval, ratioInterval } from "../ratio-interval.ts";
import type { ModelName } from "./models.ts";
import type { ServerName } from "./servers.ts";

export interface LoadFigures {
  readonly name: ServerName;
  /** One a round, transactions a second. */
  readonly rates: readonly number[];
  readonly oneByOneMs: readonly number[];
  readonly pssMegabytes: number;
  readonly siegeCpuSeconds: number;
  readonly failed: number;
}

export interface StartFigures {
  readonly name: ServerName;
  readonly ms: number[];
  readonly cpuSeconds: number[];
}

export interface Verdict {
  readonly what: string;
  readonly value: string;
  readonly floor: string;
  readonly isReached: boolean;
}

const floors = {
  mobilenetv2: {
    best: 1.15,
    flask: 13,
    int8Best: 1.7,
    int8Flask: 20,
    limit: 0.9,
    oneByOne: 0.8,
    pss: 220,
    int8Pss: 220,
    startMs: 500,
    startCpu: 0.6,
  },
  resnet101v2: {
    best: 1.1,
    flask: 2.8,
    int8Best: 2.7,
    int8Flask: 7.5,
    limit: 0.97,
    oneByOne: 0.95,
    pss: 600,
    int8Pss: 260,
    startMs: 1000,
    startCpu: 1.2,
  },
} as const;
const largeFloor = 3;

/** @param limits photos a second without HTTP, one a round */
export function judgeLoad(
  model: ModelName,
  figures: readonly LoadFigures[],
  limits: readonly number[],
  cores: number,
): Verdict[] {
  const floor = floors[model];
  const of = (name: ServerName) => figures.find((one) => one.name === name)!;
  const [own, int8, flask] = [of("fulcrum"), of("fulcrum int8"), of("flask-keras")];
  const peers = figures.filter(({ name }) => !name.startsWith("fulcrum"));
  const best = peers.reduce((a, b) => (median(b.rates) > median(a.rates) ? b : a));
  const fastapi = peers
    .filter(({ name }) => name.startsWith("fastapi"))
    .reduce((a, b) => (median(b.oneByOneMs) < median(a.oneByOneMs) ? b : a));
  // A transaction costs siege a part of the same cores; without HTTP nothing is left but that and the loop.
  const reachable = limits.map((limit) => cores / (cores / limit + own.siegeCpuSeconds));
  const ratio = (a: readonly number[], b: readonly number[]) => ratioInterval(a.map((value, i) => value / b[i]!));
  const name = (what: string) => `${model}, ${what}`;
  return [
    atLeast(name(`rate / best peer (${best.name})`), ratio(own.rates, best.rates), floor.best),
    atLeast(name("rate / flask-keras"), ratio(own.rates, flask.rates), floor.flask),
    atLeast(name(`int8 rate / best peer at fp32 (${best.name})`), ratio(int8.rates, best.rates), floor.int8Best),
    atLeast(name("int8 rate / flask-keras"), ratio(int8.rates, flask.rates), floor.int8Flask),
    atLeast(name("rate / limit of our own parts"), ratio(own.rates, reachable), floor.limit),
    atMost(name(`one by one / ${fastapi.name}`), ratio(own.oneByOneMs, fastapi.oneByOneMs), floor.oneByOne),
    below(name("PSS after load, MB"), own.pssMegabytes, floor.pss),
    below(name("PSS after load, int8, MB"), int8.pssMegabytes, floor.int8Pss),
    below(name("failed requests"), own.failed + int8.failed, 0),
  ];
}

export function judgeStart(model: ModelName, figures: readonly StartFigures[]): Verdict[] {
  const own = figures.find(({ name }) => name === "fulcrum")!;
  return [
    below(`${model}, start to the first answer, ms`, median(own.ms), floors[model].startMs),
    below(`${model}, CPU-seconds until then`, median(own.cpuSeconds), floors[model].startCpu),
  ];
}

export function judgeLarge(rates: ReadonlyMap<ServerName, readonly number[]>): Verdict[] {
  const own = rates.get("fulcrum")!;
  const rivals = [...rates].filter(([name]) => name !== "fulcrum");
  const [name, best] = rivals.reduce((a, b) => (median(b[1]) > median(a[1]) ? b : a));
  const ratio = ratioInterval(own.map((value, i) => value / best[i]!));
  return [atLeast(`12-megapixel upload, rate / ${name}`, ratio, largeFloor)];
}

function atLeast(what: string, ratio: RatioInterval, floor: number): Verdict {
  return { what, value: show(ratio), floor: `at least ${floor}`, isReached: ratio.median >= floor };
}

function atMost(what: string, ratio: RatioInterval, floor: number): Verdict {
  return { what, value: show(ratio), floor: `at most ${floor}`, isReached: ratio.median <= floor };
}

function below(what: string, value: number, floor: number): Verdict {
  return { what, value: value.toFixed(2), floor: `at most ${floor}`, isReached: value <= floor };
}

function show({ median, low, high }: RatioInterval): string {
  return `${median.toFixed(3)} (95 % ${low.toFixed(3)} to ${high.toFixed(3)})`;
}
