/** Samples a platform until the end of `fulcrum monitor` and writes each sample as it comes. */
import { appendFile } from "node:fs/promises";
import { writeFileAtomic } from "../base/files.ts";
import {
  type Monitor,
  type MonitorOptions,
  renderGapLine,
  renderResourceUsageCsv,
  renderResourceUsageLine,
  startMonitor,
} from "../monitor/index.ts";
import type { VerbIo } from "./verb.ts";
import type { MonitorFlags } from "./verbs/monitor.ts";

/** Lines that are appended to a file one after the other, in the order of their coming. */
export function lineAppender(path: string): { write(line: string): void; done(): Promise<void> } {
  let writing = Promise.resolve();
  return {
    write(line) {
      writing = writing.then(() => appendFile(path, `${line}\n`));
    },
    done: () => writing,
  };
}

/** Until --duration or Ctrl-C; the file is complete at any moment. */
export async function writeSamples(
  source: MonitorOptions["source"],
  { out, period, duration }: Pick<MonitorFlags, "out" | "period" | "duration">,
  io: VerbIo,
): Promise<Monitor> {
  await writeFileAtomic(out, renderResourceUsageCsv([]));
  const file = lineAppender(out);
  const over = duration === undefined ? undefined : AbortSignal.timeout(duration * 1000);
  const monitor = startMonitor({
    source,
    periodSeconds: period,
    signal: over === undefined ? io.signal : AbortSignal.any([io.signal, over]),
    onSample: (sample) => file.write(renderResourceUsageLine(sample)),
    onGap: (gap) => {
      file.write(renderGapLine(gap.epochMs));
      io.progress.note(`no sample: ${gap.reason}`);
    },
  });
  io.progress.note(`sampling every ${period} s${over ? "" : "; Ctrl-C ends it"}`);
  await monitor.done;
  await file.done();
  return monitor;
}
