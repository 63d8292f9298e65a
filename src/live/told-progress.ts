/** Progress that is told to the live page as well as shown. */
import { type Clock, systemClock } from "../base/clock.ts";
import type { Progress, ProgressTask } from "../base/progress.ts";
import type { Tell } from "./event.ts";

/** A step is told at most this often; figures of epochs always. */
const stepEveryMs = 500;

export function toldProgress(shown: Progress, tell: Tell, clock: Clock = systemClock): Progress {
  return {
    task: (label, total, unit) => toldTask(shown.task(label, total, unit), { label, total, unit }, tell, clock),
    note(line) {
      shown.note(line);
      tell({ type: "log", epochMs: clock.epochMs(), line });
    },
  };
}

type Described = { readonly label: string; readonly total: number; readonly unit: string };

function toldTask(shown: ProgressTask, described: Described, tell: Tell, clock: Clock): ProgressTask {
  let done = 0;
  let toldMs = Number.NEGATIVE_INFINITY;
  const tellStep = (detail: string, isFinished = false) => {
    toldMs = clock.nowMs();
    tell({ type: "step", epochMs: clock.epochMs(), ...described, done, detail, isFinished });
  };
  tellStep("");
  return {
    advance(count = 1, detail, figures) {
      done += count;
      shown.advance(count, detail, figures);
      if (figures) {
        const { epoch = done, ...rest } = figures;
        tell({ type: "epoch", epochMs: clock.epochMs(), label: described.label, epoch, figures: rest });
      }
      if (clock.nowMs() - toldMs >= stepEveryMs) tellStep(detail ?? "");
    },
    finish(detail) {
      shown.finish(detail);
      tellStep(detail ?? "", true);
      const line = `${described.label}: done${detail ? `, ${detail}` : ""}`;
      tell({ type: "log", epochMs: clock.epochMs(), line });
    },
  };
}
