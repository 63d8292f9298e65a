/** Values of a layer's configuration, checked and in one form for Keras 2 and 3. Pure. */
import { z } from "zod";
import type { Padding, Pair } from "../../layers/index.ts";
import { KerasProblem } from "./problem.ts";

/** Larger numbers than any layer has, so that sizes stay exact. */
const size = z
  .int()
  .min(1)
  .max(2 ** 24);
const pair = z.union([size.transform((side): Pair => [side, side]), z.tuple([size, size])]);
const amount = z
  .int()
  .min(0)
  .max(2 ** 20);
const sides = z.union([
  amount.transform((all): Sides => [all, all, all, all]),
  z.tuple([amount, amount]).transform(([rows, columns]): Sides => [rows, columns, rows, columns]),
  z
    .tuple([z.tuple([amount, amount]), z.tuple([amount, amount])])
    .transform(([[top, bottom], [left, right]]): Sides => [top, left, bottom, right]),
]);
const numbers = z.union([z.number().transform((value) => [value]), z.array(z.number()).min(1)]);

type Sides = readonly [number, number, number, number];

/** Reads one layer's configuration; every refusal names the layer and its class. */
export class LayerConfig {
  readonly name: string;
  readonly className: string;
  readonly #config: Readonly<Record<string, unknown>>;
  /** Of what wrote the file. */
  readonly kerasMajor: number;

  constructor(name: string, className: string, config: Readonly<Record<string, unknown>>, kerasMajor: number) {
    this.name = name;
    this.className = className;
    this.#config = config;
    this.kerasMajor = kerasMajor;
  }

  fail(problem: string): never {
    throw new KerasProblem(`layer ${this.name} (${this.className}): ${problem}`);
  }

  /** The raw value; null and absent are one. */
  raw(key: string): unknown {
    return this.#config[key] ?? null;
  }

  #read<T>(key: string, schema: z.ZodType<T>, allowed: string, otherwise?: T): T {
    const value = this.raw(key);
    if (value === null && otherwise !== undefined) return otherwise;
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : this.fail(`${key} is ${shortJson(value)}, allowed: ${allowed}`);
  }

  count(key: string, otherwise?: number): number {
    return this.#read(key, size, "a whole number from 1", otherwise);
  }

  number(key: string, otherwise?: number): number {
    return this.#read(key, z.number(), "a number", otherwise);
  }

  optionalNumber(key: string): number | null {
    return this.raw(key) === null ? null : this.number(key);
  }

  flag(key: string, otherwise: boolean): boolean {
    return this.#read(key, z.boolean(), "true or false", otherwise);
  }

  pair(key: string, otherwise?: Pair): Pair {
    return this.#read(key, pair as z.ZodType<Pair>, "a size, or rows and columns", otherwise);
  }

  sides(key: string): Sides {
    return this.#read(key, sides as z.ZodType<Sides>, "amounts for each side", [1, 1, 1, 1]);
  }

  padding(): Padding {
    return this.#read<Padding>("padding", z.enum(["same", "valid"]), "same, valid", "valid");
  }

  integers(key: string): readonly number[] {
    return this.#read(key, z.array(z.int()), "whole numbers");
  }

  /** A number, a list, or a NumPy array as Keras 3 writes it; nested lists are taken flat. */
  numbers(key: string): readonly number[] {
    const value = this.raw(key);
    const array = z.object({ class_name: z.literal("__numpy__"), config: z.object({ value: z.unknown() }) });
    const wrapped = array.safeParse(value);
    const inner = wrapped.success ? wrapped.data.config.value : value;
    const flat = Array.isArray(inner) ? inner.flat(6) : inner;
    const parsed = numbers.safeParse(flat);
    return parsed.success ? parsed.data : this.fail(`${key} is ${shortJson(value)}, allowed: numbers`);
  }

  /** Refuses a picture whose channels come first. */
  checkChannelsLast(): void {
    const format = this.raw("data_format");
    if (format !== null && format !== "channels_last") this.fail(`data_format ${shortJson(format)} is not read`);
  }

  /** An axis, or the only axis of a list. */
  axis(key: string, otherwise: number): number {
    const value = this.raw(key) ?? otherwise;
    const axes = Array.isArray(value) ? value : [value];
    const parsed = z.tuple([z.int()]).safeParse(axes);
    return parsed.success ? parsed.data[0] : this.fail(`${key} is ${shortJson(value)}, one axis is read`);
  }
}

export function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
