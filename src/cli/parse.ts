/** argv -> verb, arguments, options. Pure but for loading the verb's file. Commander does the parsing. */
import { Command, CommanderError, Option } from "commander";
import { nearestHint } from "../base/nearest.ts";
import { FulcrumError } from "../errors/index.ts";
import { type Flag, flagsOf, kebab, parseOptions } from "./flags.ts";
import type { Verb } from "./verb.ts";

export interface Call {
  readonly name: string;
  readonly verb: Verb;
  readonly args: readonly (string | readonly string[])[];
  readonly options: Record<string, unknown>;
  readonly json: boolean;
}

/** Longest verb name at the start of argv ("data inspect" before "data"). */
export function findVerb(argv: readonly string[], names: readonly string[]): { name: string; rest: readonly string[] } {
  for (const words of [2, 1]) {
    const name = argv.slice(0, words).join(" ");
    if (argv.length >= words && names.includes(name)) return { name, rest: argv.slice(words) };
  }
  const isFirstOfTwo = names.some((name) => name.startsWith(`${argv[0]} `));
  const given = isFirstOfTwo ? argv.slice(0, 2).join(" ") : argv[0]!;
  throw new FulcrumError("CLI_UNKNOWN_VERB", { verb: given, hint: nearestHint(given, names) });
}

/** A commander command for one verb; it never prints or exits by itself. */
export function buildCommand(name: string, verb: Verb): Command {
  const command = new Command(`fulcrum ${name}`)
    .description(verb.description)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError(false)
    .helpOption("-h, --help", "Show this help");
  for (const argument of verb.arguments) command.argument(argument.usage, argument.description);
  for (const flag of flagsOf(verb)) command.addOption(optionOf(flag));
  command.option("--json", "Print the result as one JSON value");
  command.addHelpText("after", `\nExamples:\n${verb.examples.map((line) => `  ${line}`).join("\n")}\n`);
  return command;
}

function optionOf(flag: Flag): Option {
  const short = flag.short ? `-${flag.short}, ` : "";
  const isDefaultTrue = flag.kind === "boolean" && flag.defaultText === "true";
  const value = flag.kind === "boolean" ? "" : flag.kind === "number" ? " <n>" : " <value>";
  const details = [
    flag.choices && `one of ${flag.choices.join(", ")}`,
    flag.defaultText !== undefined && !isDefaultTrue && `default ${flag.defaultText}`,
    flag.required && "required",
    flag.kind === "list" && "may be given several times",
  ].filter(Boolean);
  const description = flag.description + (details.length > 0 ? ` (${details.join("; ")})` : "");
  const option = new Option(`${short}--${isDefaultTrue ? "no-" : ""}${kebab(flag.key)}${value}`, description);
  // One value a flag: a variadic option would take the arguments that follow it.
  if (flag.kind === "list") option.argParser((value, before: string[] = []) => [...before, value]);
  return option;
}

/**
 * Parses the words after the verb.
 * @throws CLI_UNKNOWN_FLAG, CLI_USAGE, CLI_BAD_VALUE
 */
export function parseCall(name: string, verb: Verb, words: readonly string[]): Call {
  const command = buildCommand(name, verb);
  try {
    command.parse(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) throw usageError(name, verb, error);
    throw error;
  }
  const { json, ...raw } = command.opts();
  return { name, verb, args: command.processedArgs, options: parseOptions(verb, raw), json: json === true };
}

function usageError(name: string, verb: Verb, error: CommanderError): FulcrumError {
  const flag = /unknown option '([^']+)'/.exec(error.message)?.[1];
  if (flag !== undefined) {
    const known = [...flagsOf(verb).map(({ long }) => long), "--json", "--help"];
    return new FulcrumError("CLI_UNKNOWN_FLAG", { flag, verb: name, hint: nearestHint(flag, known) });
  }
  const problem = error.message.replace(/^error: /, "").replace(/^./, (letter) => letter.toUpperCase());
  return new FulcrumError("CLI_USAGE", { problem: problem.endsWith(".") ? problem : `${problem}.`, verb: name });
}
