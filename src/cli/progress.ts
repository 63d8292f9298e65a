/** Progress on standard error: a bar with ETA on a terminal, plain lines elsewhere. */
import { SingleBar } from "cli-progress";
import type { Progress, ProgressTask } from "../base/progress.ts";

const plainLineEveryMs = 10_000;

export function terminalProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? barProgress(stream) : plainProgress(stream);
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  return {
    task(label, total, unit) {
      const bar = new SingleBar({
        format: `${label.padEnd(28)} {bar} {percentage}% | {value}/{total} ${unit} | ETA {eta_formatted} {detail}`,
        barsize: 24,
        hideCursor: true,
        stream,
        etaBuffer: 50,
      });
      bar.start(total, 0, { detail: "" });
      return {
        advance: (count = 1, detail) => bar.increment(count, detail === undefined ? {} : { detail }),
        finish: (detail) => {
          if (detail !== undefined) bar.update({ detail });
          bar.stop();
        },
      };
    },
    note: (line) => stream.write(`${line}\n`),
  };
}

function plainProgress(stream: NodeJS.WriteStream): Progress {
  const write = (line: string) => stream.write(`${line}\n`);
  return { task: (label, total, unit) => plainTask(label, total, unit, write), note: write };
}

function plainTask(label: string, total: number, unit: string, write: (line: string) => void): ProgressTask {
  const startMs = performance.now();
  let done = 0;
  let shownMs = startMs;
  write(`${label}: 0/${total} ${unit}`);
  return {
    advance(count = 1, detail) {
      done += count;
      const nowMs = performance.now();
      if (nowMs - shownMs < plainLineEveryMs) return;
      shownMs = nowMs;
      const etaSeconds = done > 0 ? ((nowMs - startMs) / done) * (total - done) * 0.001 : 0;
      write(`${label}: ${done}/${total} ${unit}, ETA ${Math.round(etaSeconds)} s${detail ? `, ${detail}` : ""}`);
    },
    finish(detail) {
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      write(`${label}: done in ${seconds} s${detail ? `, ${detail}` : ""}`);
    },
  };
}
