/** The documents that are made from code, by path: configuration from its schema, errors and commands from their tables. */
import { buildCommand } from "../src/cli/parse.ts";
import { verbLoaders } from "../src/cli/verbs.ts";
import { renderConfigurationDocs } from "../src/config/document.ts";
import { catalogue, exitCodes } from "../src/errors/index.ts";
import type { ErrorEntry } from "../src/errors/table.ts";

export async function generatedDocuments(): Promise<Record<string, string>> {
  return {
    "docs/configuration.md": renderConfigurationDocs(),
    "docs/errors.md": renderErrorDocs(),
    "docs/commands.md": await renderCommandDocs(),
  };
}

function renderErrorDocs(): string {
  const rows = Object.entries(catalogue)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, entry]: [string, ErrorEntry]) => {
      const message = entry.message.replaceAll("|", "\\|").replaceAll("\n", " ");
      return `| \`${code}\` | ${message} | ${exitCodes[entry.exit]} | ${entry.http ?? ""} |`;
    });
  return [
    "# Errors",
    "",
    "Made from `src/errors/` by `tools/docs.ts`; do not edit. A command ends with the code in the third column, the",
    "service answers with the status in the fourth. Ctrl-C ends with 130.",
    "",
    "| code | message | exit | HTTP |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

async function renderCommandDocs(): Promise<string> {
  const parts = await Promise.all(
    Object.entries(verbLoaders).map(async ([name, load]) => {
      const { verb } = await load();
      const command = buildCommand(name, verb).configureHelp({ helpWidth: 110 });
      const examples = verb.examples.map((line) => `    ${line}`).join("\n");
      return `## fulcrum ${name}\n\n${verb.summary}.\n\n\`\`\`\n${command.helpInformation().trimEnd()}\n\`\`\`\n\nExamples:\n\n${examples}\n`;
    }),
  );
  return `# Commands\n\nMade from \`src/cli/verbs/\` by \`tools/docs.ts\`; do not edit.\n\n${parts.join("\n")}`;
}
