/** The text of `fulcrum --help`. */
import { fulcrumVersion } from "../base/version.ts";
import { verbGroups } from "./verbs.ts";

export async function overview(): Promise<string> {
  const groups = await Promise.all(
    Object.entries(verbGroups).map(async ([title, verbs]) => {
      const lines = Object.entries(verbs).map(
        async ([name, load]) => `  ${name.padEnd(14)}${(await load()).verb.summary}`,
      );
      return `${title}:\n${(await Promise.all(lines)).join("\n")}`;
    }),
  );
  return `fulcrum ${fulcrumVersion}: labelled photos in, a classifier at the right balance of accuracy, latency and cost out.

Usage: fulcrum VERB [arguments] [flags]

${groups.join("\n\n")}

\`fulcrum VERB --help\` shows a verb's flags and examples. Every verb takes --json.
Start with: fulcrum demo
`;
}
