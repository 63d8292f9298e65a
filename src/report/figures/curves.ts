/** Training curves: accuracy and loss by epoch, head training first and fine-tuning after it. Pure. */
import type { Training } from "../../records/training.ts";
import { trainingPhases } from "../facts/phases.ts";
import { chooseAxis } from "./axis.ts";
import { colorOf, type PlotFigure, quiet, type Series } from "./figure.ts";
import { slugOf } from "./panels.ts";

export function curveFigures(training: Training): PlotFigure[] {
  const { candidate } = training;
  const phases = trainingPhases(training);
  if (phases.every(({ history }) => history.length === 0)) return [];
  const plots = [
    { id: "accuracy", label: "accuracy, %", of: (e: Epoch) => [100 * e.accuracy, 100 * e.validationAccuracy] },
    { id: "loss", label: "loss", of: (e: Epoch) => [e.loss, e.validationLoss] },
  ] as const;
  return plots.map(({ id, label, of }) => {
    const epochs = phases.flatMap(({ history, offset }) =>
      history.map((epoch) => ({ x: epoch.epoch + offset, values: of(epoch) })),
    );
    const values = epochs.flatMap((epoch) => epoch.values);
    const x = chooseAxis({ label: "epoch", values: [0, epochs.at(-1)!.x], fromZero: true, room: 0, isWhole: true });
    const y = chooseAxis({ label, values, ...(id === "accuracy" ? { ceiling: 100 } : { fromZero: true }) });
    const curve = (name: string, index: 0 | 1): Series => ({
      name,
      color: colorOf(index),
      look: "line",
      dash: index === 0 ? "dashed" : "solid",
      points: epochs.map((epoch) => ({ x: epoch.x, y: epoch.values[index]! })),
    });
    const kept = keptMark(phases, y);
    const series = [curve("training", 0), curve("validation", 1), ...kept];
    return {
      kind: "plot",
      id: `training-${slugOf(candidate)}-${id}`,
      title: `${candidate}: ${id} by epoch`,
      x,
      y,
      series,
    };
  });
}

type Epoch = Training["history"][number];

/** Upright lines at the epochs whose weights were kept, and where fine-tuning begins. */
function keptMark(phases: ReturnType<typeof trainingPhases>, y: PlotFigure["y"]): Series[] {
  const upright = (x: number) => [
    { x, y: y.min },
    { x, y: y.max },
  ];
  const look = { color: quiet, look: "target" } as const;
  return phases.flatMap(({ name, offset, bestEpoch }): Series[] => [
    ...(offset > 0 ? [{ name: "fine-tuning begins", ...look, dash: "solid" as const, points: upright(offset) }] : []),
    {
      name: phases.length > 1 ? `kept (${name})` : "kept",
      ...look,
      dash: "dotted",
      points: upright(bestEpoch + offset),
    },
  ]);
}
