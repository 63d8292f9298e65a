/**
 * Keeps a run of bench/kubernetes/original.sh in docs/example-report: report and slides, each measurement's record and CSV
 * files (not the record of every request), and figures.md, a row a measurement.
 *   node bench/kubernetes/keep.ts DIR/runs/original
 */
import { cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { projectDir } from "../../src/config/paths.ts";
import { type Measurement, measurementRecord } from "../../src/records/measurement.ts";
import { parseRecord } from "../../src/records/record.ts";

const kept = [
  "report.html",
  "slides.pptx",
  "slides.pdf",
  "measure/*/*/{record.json,load_output.csv,resource_usage.csv,pod_usage.csv,events.jsonl}",
];

function rowOf({ deployment, candidate, running, asked, summary, samples }: Measurement): string {
  const ready = samples.map(({ readyReplicas }) => readyReplicas);
  const most = ready.reduce((a, b) => Math.max(a, b), 0);
  const replicas = ready.length > 0 ? `${ready[0]} → ${most} → ${ready.at(-1)}` : "not sampled";
  const mean = summary.responseMs === null ? "none" : summary.responseMs.mean.toFixed(0);
  const availability = summary.availability === null ? "none" : `${(100 * summary.availability).toFixed(2)} %`;
  const cells = [deployment, candidate, `${running} of ${asked}`, replicas, summary.okay, summary.failed, availability];
  return `| ${[...cells, summary.transactionRatePerSecond.toFixed(1), mean].join(" | ")} |`;
}

const run = resolve(process.argv[2] ?? "fulcrum-original/runs/original");
const to = join(projectDir, "docs", "example-report");
await rm(join(to, "measure"), { recursive: true, force: true });
const rows: string[] = [];
for await (const file of glob(kept, { cwd: run })) {
  await mkdir(dirname(join(to, file)), { recursive: true });
  await cp(join(run, file), join(to, file));
  if (!file.endsWith("record.json")) continue;
  rows.push(rowOf(parseRecord(measurementRecord, await readFile(join(run, file), "utf8"), file).body));
}
const head = [
  "| deployment | model | pods ready | ready at first, most, at the end | answered | failed | availability | a second | mean ms |",
  "|---|---|---|---|---|---|---|---|---|",
];
await writeFile(join(to, "figures.md"), `${[...head, ...rows.sort()].join("\n")}\n`);
console.log(`${rows.length} measurements kept in ${to}`);
