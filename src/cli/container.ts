/** Where the process starts in a container image: the verbs that a container is for, and nothing that they do not need. */
import { runCommand } from "./run-command.ts";
import { loadVerb, type VerbLoaders } from "./verb.ts";

const verbs: VerbLoaders = {
  serve: () => loadVerb(import("./verbs/serve.ts")),
  load: () => loadVerb(import("./verbs/load-here.ts")),
};

process.exitCode = await runCommand(process.argv.slice(2), verbs, async () => {
  return `Usage: VERB [arguments] [flags]. Verbs of this image: ${Object.keys(verbs).join(", ")}.\n`;
});
