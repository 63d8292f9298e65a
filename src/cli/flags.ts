/** From a verb's schema to flags and back: the one place that knows how a key looks on the command line. Pure. */
import { z } from "zod";
import { FulcrumError } from "../errors/index.ts";
import type { Verb } from "./verb.ts";

export interface Flag {
  readonly key: string;
  /** As typed: "--batch-size". */
  readonly long: string;
  readonly short: string | undefined;
  readonly kind: "boolean" | "number" | "text" | "list";
  readonly description: string;
  readonly defaultText: string | undefined;
  readonly choices: readonly string[] | undefined;
  readonly required: boolean;
}

interface PropertySchema {
  readonly type?: string;
  readonly anyOf?: readonly PropertySchema[];
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
}

export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The verb's flags in the order of its schema. */
export function flagsOf(verb: Pick<Verb, "options" | "short">): Flag[] {
  const schema = z.toJSONSchema(verb.options, { io: "input", unrepresentable: "any" }) as ObjectSchema;
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([key, property]) => ({
    key,
    long: `--${kebab(key)}`,
    short: verb.short?.[key],
    kind: kindOf(property),
    description: property.description ?? "",
    defaultText: defaultText(property.default),
    choices: property.enum,
    required: required.has(key),
  }));
}

function kindOf(property: PropertySchema): Flag["kind"] {
  const types = (property.anyOf ?? [property]).map((option) => option.type);
  if (types.includes("array")) return "list";
  if (types.includes("boolean")) return "boolean";
  if (types.includes("string")) return "text";
  return types.includes("number") || types.includes("integer") ? "number" : "text";
}

function defaultText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(",");
  return String(value);
}

/** A raw argument as the schema's input type; text that is no number stays text and the schema refuses it. */
export function coerce(flag: Flag, raw: unknown): unknown {
  if (flag.kind !== "number" || typeof raw !== "string" || raw.trim() === "") return raw;
  const value = Number(raw);
  return Number.isNaN(value) ? raw : value;
}

/**
 * Checks flag values against the verb's schema.
 * @throws CLI_BAD_VALUE naming the first flag that does not fit
 */
export function parseOptions<Options extends z.ZodObject>(
  verb: Verb<Options>,
  raw: Readonly<Record<string, unknown>>,
): z.output<Options> {
  const flags = flagsOf(verb);
  const values = flags.flatMap((flag) =>
    raw[flag.key] === undefined ? [] : [[flag.key, coerce(flag, raw[flag.key])]],
  );
  const result = verb.options.safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const flag = flags.find(({ key }) => key === issue.path[0]);
  throw new FulcrumError("CLI_BAD_VALUE", {
    flag: flag?.long ?? issue.path.join("."),
    value: JSON.stringify(raw[flag?.key ?? ""]) ?? "nothing",
    allowed: issue.message,
  });
}
