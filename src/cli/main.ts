/** Where the process starts. */
import { runCommand } from "./run-command.ts";
import { verbLoaders } from "./verbs.ts";

process.exitCode = await runCommand(process.argv.slice(2), verbLoaders, async () =>
  (await import("./help.ts")).overview(),
);
