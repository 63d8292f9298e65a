/** argv -> verb -> exit code, for a table of verbs. With the files that start it, the only place that exits. */
import { CommanderError } from "commander";
import { fulcrumVersion } from "../base/version.ts";
import { exitCodes, FulcrumError } from "../errors/index.ts";
import { readerGone, writeError, writeOut } from "./output.ts";
import { buildCommand, type Call, findVerb, parseCall } from "./parse.ts";
import { terminalProgress } from "./progress.ts";
import type { VerbIo, VerbLoaders } from "./verb.ts";

/**
 * @param argv words after the program's name
 * @param verbs what may be called
 * @param overview text of `--help` without a verb
 */
export async function runCommand(
  argv: readonly string[],
  verbs: VerbLoaders,
  overview: () => Promise<string>,
): Promise<number> {
  const wantsJson = argv.includes("--json");
  try {
    if (argv.length === 0 || argv[0] === "--help" || argv[0] === "-h" || argv[0] === "help") {
      writeOut(await overview());
      return 0;
    }
    if (argv[0] === "--version" || argv[0] === "-V") {
      writeOut(`${fulcrumVersion}\n`);
      return 0;
    }
    const { name, rest } = findVerb(argv, Object.keys(verbs));
    const { verb } = await verbs[name]!();
    if (rest.includes("--help") || rest.includes("-h")) {
      writeOut(buildCommand(name, verb).helpInformation() + examplesOf(verb.examples));
      return 0;
    }
    return await call(parseCall(name, verb, rest));
  } catch (error) {
    return report(error, wantsJson);
  }
}

function examplesOf(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}\n`;
}

/** Runs the verb; the first Ctrl-C, or a reader that has gone, asks it to stop; the second Ctrl-C ends the process. */
async function call({ verb, args, options, json }: Call): Promise<number> {
  const interruption = new AbortController();
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const io: VerbIo = {
    print: (text) => void (json || writeOut(`${text}\n`)),
    json: (value) => void (json && writeOut(`${JSON.stringify(value, null, 2)}\n`)),
    progress: terminalProgress(process.stderr),
    signal: AbortSignal.any([interruption.signal, readerGone]),
  };
  try {
    return (await verb.run({ args, options, io })) ?? 0;
  } catch (error) {
    if (!io.signal.aborted) throw error;
    if (!readerGone.aborted) writeError("fulcrum: interrupted; run the same command again to go on.\n");
    return exitCodes.interrupted;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

function report(error: unknown, json: boolean): number {
  if (error instanceof FulcrumError) {
    if (json) writeOut(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`);
    writeError(`fulcrum: ${error.message} [${error.code}]\n`);
    return error.exitCode;
  }
  if (error instanceof CommanderError) return error.exitCode;
  writeError("fulcrum: this is a bug in fulcrum, please report it with the lines below.\n");
  writeError(`${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.bug;
}
