/** The files of a load beside its hits: siege.log and load_output.csv. */
import { join } from "node:path";
import { writeFileAtomic } from "../base/files.ts";
import type { LoadResult } from "./account.ts";
import { renderLoadOutputCsv, renderSiegeLine, siegeAbortMark, siegeLogHeader, siegeRowOf } from "./siege-format.ts";

export const loadFiles = { hits: "hits.jsonl", siegeLog: "siege.log", loadOutput: "load_output.csv" } as const;

/** siege's log of these runs, a line a run. Pure. */
export function renderSiegeLog({ rows, runs, startedEpochMs }: LoadResult): string {
  const lines = rows.flatMap((row, i) => [
    renderSiegeLine(siegeRowOf(row, startedEpochMs)),
    ...(runs[i]?.ending === "failures" ? [siegeAbortMark] : []),
  ]);
  return `${[siegeLogHeader, ...lines].join("\n")}\n`;
}

/** Writes both into `dir`. */
export async function writeLoadFiles(dir: string, result: LoadResult): Promise<void> {
  await writeFileAtomic(join(dir, loadFiles.siegeLog), renderSiegeLog(result));
  await writeFileAtomic(join(dir, loadFiles.loadOutput), renderLoadOutputCsv(result.rows, result.startedEpochMs));
}
