/** Kubernetes quantities to numbers: what nodes, pods and metrics-server write. Pure. Source: "Quantity" of the API reference. */

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** "250m" -> 0.25, "1536Ki" -> 1572864, "12345n" -> 0.000012345, "1e3" -> 1000; NaN where the text is no quantity. */
export function parseQuantity(text: string): number {
  const match = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text.trim());
  const factor = match ? factors[match[2]!] : undefined;
  return factor === undefined ? Number.NaN : Number(match![1]) * factor;
}

export interface Amounts {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
}

export const noAmounts: Amounts = { cpuMillis: 0, memoryBytes: 0 };

/** The CPU and memory of a resource list; what is not given counts 0. */
export function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  return {
    cpuMillis: parseQuantity(list?.cpu ?? "0") * 1000,
    memoryBytes: parseQuantity(list?.memory ?? "0"),
  };
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return { cpuMillis: a.cpuMillis + b.cpuMillis, memoryBytes: a.memoryBytes + b.memoryBytes };
}

export const sumAmounts = (all: readonly Amounts[]): Amounts => all.reduce(addAmounts, noAmounts);
