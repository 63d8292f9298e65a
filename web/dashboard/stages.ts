/** The list of stages with their states, and the bars of the work under way. */
import type { LiveState, LiveStep, LiveTask } from "../../src/live/state.ts";
import { byId, duration, html, reconcile, setData, setText } from "./dom.ts";

const words: Readonly<Record<LiveTask["state"], string>> = {
  waiting: "waits",
  running: "runs",
  done: "done",
  upToDate: "up to date",
  failed: "not ended",
};

export function drawStages(state: LiveState): void {
  const done = state.tasks.filter((task) => task.state === "done" || task.state === "upToDate").length;
  setText(byId("overall"), state.tasks.length > 0 ? `${done} of ${state.tasks.length} done` : "");
  reconcile(byId("stages"), state.tasks, {
    key: ({ id }) => id,
    make: ({ id }) =>
      html(
        "li",
        {},
        html("span", { class: "dot", "aria-hidden": "true" }),
        html("span", { class: "id" }, id),
        html("span", { class: "state" }),
        html("div", { class: "steps" }),
      ),
    update: (item, task) => {
      setData(item, "state", task.state);
      setText(item.querySelector(".state")!, `${words[task.state]}${timeOf(task)}`);
      drawSteps(item.querySelector(".steps")!, task.state === "running" ? state.steps : []);
    },
  });
}

function timeOf({ state, seconds, startedEpochMs }: LiveTask): string {
  if (state === "running" && startedEpochMs !== null) return `, ${duration((Date.now() - startedEpochMs) / 1000)}`;
  return state === "done" && seconds !== null ? `, ${duration(seconds)}` : "";
}

function drawSteps(parent: Element, steps: readonly LiveStep[]): void {
  reconcile(parent, steps, {
    key: ({ label }) => label,
    make: ({ label, total }) =>
      html(
        "div",
        { class: "step" },
        html("span", { class: "label" }),
        html("progress", { max: String(total), "aria-label": label }),
      ),
    update: (element, step) => {
      const progress = element.querySelector("progress")!;
      progress.max = step.total;
      progress.value = Math.min(step.done, step.total);
      setText(element.querySelector(".label")!, describeStep(step));
    },
  });
}

function describeStep({ label, done, total, unit, detail, startedEpochMs, epochMs }: LiveStep): string {
  const leftSeconds = done > 0 ? ((epochMs - startedEpochMs) / 1000 / done) * (total - done) : null;
  const eta = leftSeconds === null || leftSeconds <= 0 ? "" : `, about ${duration(leftSeconds)} left`;
  return `${label}: ${Math.round(done)} of ${total} ${unit}${eta}${detail ? ` (${detail})` : ""}`;
}
