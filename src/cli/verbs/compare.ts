/** `fulcrum compare`: runs side by side, on the terminal and as a page. */
import { z } from "zod";
import { writeFileAtomic } from "../../base/files.ts";
import { FulcrumError } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Set runs side by side: accuracy, latency, cost; what differs is marked",
  description:
    "Reads the records of two or more runs and prints the same figures of each candidate, a column a run. Rows that " +
    "differ are marked; where machines, loads or photos differ it says what is not to be compared. Nothing is measured.",
  arguments: [{ usage: "<runs...>", description: "Folders of runs" }],
  options: z.object({ out: z.string().optional().describe("Write the comparison as a page to this file as well") }),
  examples: ["fulcrum compare runs/before runs/after", "fulcrum compare runs/a runs/b runs/c --out compare.html"],
  async run({ args, options: { out }, io }) {
    const paths = [args[0] ?? []].flat();
    if (paths.length < 2) {
      throw new FulcrumError("CLI_USAGE", { problem: "Comparing needs at least two runs.", verb: "compare" });
    }
    const { gatherReport, tellStory } = await import("../../report/index.ts");
    const { compareRuns, runNames } = await import("../../report/compare/compare.ts");
    const { renderComparePage, renderCompareText } = await import("../../report/compare/page.ts");
    const names = runNames(paths);
    const stories = await Promise.all(paths.map(async (path) => tellStory(await gatherReport(path))));
    const comparison = compareRuns(stories.map(({ facts }, i) => ({ name: names[i]!, facts })));
    io.print(renderCompareText(comparison));
    if (out !== undefined) {
      await writeFileAtomic(out, renderComparePage(names, comparison));
      io.print(`\nPage: ${out}`);
    }
    io.json({ runs: names, page: out ?? null, ...comparison });
    return undefined;
  },
});
