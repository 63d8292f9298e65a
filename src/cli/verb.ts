/** A verb as data: what help shows and what runs. Verb files import heavy modules only inside `run`. */
import type { z } from "zod";
import type { Progress } from "../base/progress.ts";

/** What a verb may use of the outside world. */
export interface VerbIo {
  /** Prints a line (or block) of the result to standard output; nothing is printed with --json. */
  print(text: string): void;
  /** With --json: prints the value as the one result on standard output. Without: nothing. */
  json(value: unknown): void;
  /** Progress and notes, on standard error. */
  readonly progress: Progress;
  /** Fires at Ctrl-C or SIGTERM: stop soon, clean up, return. */
  readonly signal: AbortSignal;
}

export interface Verb<Options extends z.ZodObject = z.ZodObject> {
  /** One line for `fulcrum --help`. */
  readonly summary: string;
  /** What it does, takes and writes: the text of `fulcrum VERB --help`. */
  readonly description: string;
  /** Positional arguments as in usage: "<model>", "[name]", "<images...>". */
  readonly arguments: readonly { readonly usage: string; readonly description: string }[];
  /** Flags: key `batchSize` is `--batch-size`; describe() is the help text, default() the default. */
  readonly options: Options;
  /** Short flags by key, as { users: "c" }. */
  readonly short?: Readonly<Record<string, string>>;
  /** Commands that work as typed. */
  readonly examples: readonly string[];
  /** Does the work; a thrown FulcrumError becomes message and exit code. Returns the exit code; undefined means 0. */
  run(input: {
    readonly args: readonly (string | readonly string[])[];
    readonly options: z.output<Options>;
    readonly io: VerbIo;
  }): Promise<number | undefined>;
}

/** Fixes the types of a verb; does nothing at run time. */
export function defineVerb<Options extends z.ZodObject>(verb: Verb<Options>): Verb<Options> {
  return verb;
}

export interface VerbModule {
  readonly verb: Verb;
}

/** Verbs by name; a verb's file is loaded when it is called or shown. */
export type VerbLoaders = Readonly<Record<string, () => Promise<VerbModule>>>;

/** Verbs differ in their options' types; the caller only hands over what that verb's own schema returned. */
export async function loadVerb(module: Promise<unknown>): Promise<VerbModule> {
  return (await module) as VerbModule;
}
