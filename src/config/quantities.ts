/** Quantities as people write them in Kubernetes and in fulcrum.yaml, normalised to one unit each. */
import { z } from "zod";

const memoryUnits: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** "500m", "1.5" or 2 (cores) -> millicores. Undefined where the text is no CPU quantity. */
export function parseCpu(text: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(text).trim());
  return match ? Math.round(Number(match[1]) * (match[2] ? 1 : 1000)) : undefined;
}

/** "512Mi", "2Gi", "4627034Ki" or a number of bytes -> bytes. Undefined where the text is no memory quantity. */
export function parseMemory(text: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(|k|M|G|Ki|Mi|Gi)$/.exec(String(text).trim());
  return match ? Math.round(Number(match[1]) * memoryUnits[match[2]!]!) : undefined;
}

/** "250ms", "60s", "1.5m", "1h" or a number of seconds -> seconds. Undefined where the text is no duration. */
export function parseDuration(text: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/i.exec(String(text).trim());
  if (!match) return undefined;
  const unit = { ms: 0.001, s: 1, "": 1, m: 60, h: 3600 }[match[2]!.toLowerCase()]!;
  return Number(match[1]) * unit;
}

function quantity(parse: (text: string | number) => number | undefined, allowed: string) {
  return z.union([z.string(), z.number()]).transform((text, context) => {
    const value = parse(text);
    if (value === undefined)
      context.addIssue({ code: "custom", message: `got ${JSON.stringify(text)}; allowed: ${allowed}` });
    return value ?? z.NEVER;
  });
}

/** CPU quantity; the value is in millicores. */
export const cpuQuantity = quantity(parseCpu, "a CPU quantity such as 500m or 1.5");
/** Memory quantity; the value is in bytes. */
export const memoryQuantity = quantity(parseMemory, "a memory quantity such as 512Mi or 2Gi");
/** Duration; the value is in seconds. */
export const durationQuantity = quantity(parseDuration, "a duration such as 60s or 1.5m");

/** Name used as a file and URL part. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, "allowed: 1 to 40 lower-case letters, digits and inner hyphens");

/** What a pod asks for or may use at most. */
export const resources = z
  .strictObject({
    cpu: cpuQuantity.describe("CPU, as 500m or 1.5"),
    memory: memoryQuantity.describe("Memory, as 512Mi or 2Gi"),
  })
  .transform(({ cpu, memory }) => ({ cpuMillis: cpu, memoryBytes: memory }));
