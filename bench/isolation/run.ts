/**
 * What it costs to keep inference in child processes rather than in threads: `node bench/isolation/run.ts MODEL
 * [PHOTO] [ROUNDS]`. Kinds alternate; medians are printed as a Markdown table.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describeMachine } from "../../src/base/machine.ts";
import { projectDir } from "../../src/config/paths.ts";

const [modelPath, photoPath = join(projectDir, "assets/test-photo.jpg"), roundsText = "5"] = process.argv.slice(2);
if (modelPath === undefined) throw new Error("Usage: node bench/isolation/run.ts MODEL [PHOTO] [ROUNDS]");
const photoCount = "200";

interface Result {
  readonly readyMs: number;
  readonly readyCpuSeconds: number;
  readonly overheadMs: number;
  readonly pssBytes: number;
}

const cases = [1, 2].flatMap((workers) => ["threads", "children"].map((kind) => ({ kind, workers })));
const results = cases.map(() => [] as Result[]);
for (let round = 0; round < Number(roundsText); round++) {
  for (const [i, { kind, workers }] of cases.entries()) {
    const script = join(import.meta.dirname, "isolate.ts");
    const line = execFileSync(process.execPath, [script, kind, String(workers), modelPath, photoPath, photoCount]);
    results[i]!.push(JSON.parse(line.toString()) as Result);
  }
}

const { cpuModel, cpuCount, node } = describeMachine();
const lines = [
  `${cpuModel}, ${cpuCount} cores, Node ${node}, medians of ${roundsText}`,
  "| workers | ready, ms | CPU to ready, s | overhead a photo, ms | PSS, MB |",
  "|---|---|---|---|---|",
  ...cases.map(({ kind, workers }, i) => {
    const median = (key: keyof Result) =>
      results[i]!.map((result) => result[key]).sort((a, b) => a - b)[results[i]!.length >> 1]!;
    const cells = [median("readyMs").toFixed(0), median("readyCpuSeconds").toFixed(2), median("overheadMs").toFixed(2)];
    return `| ${workers} ${kind} | ${cells.join(" | ")} | ${(median("pssBytes") / 1e6).toFixed(0)} |`;
  }),
];
process.stdout.write(`${lines.join("\n")}\n`);
