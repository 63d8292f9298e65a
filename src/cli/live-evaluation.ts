/** `fulcrum evaluate --live`: reads users' answers and a test set's record, and puts the result in words. */
import { readAnswers } from "../answers/index.ts";
import { readText } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { evaluateLive, type LiveEvaluation } from "../evaluate/index.ts";
import { readModelFile } from "../models/index.ts";
import { evaluationRecord } from "../records/evaluation.ts";
import { parseRecord } from "../records/record.ts";

export interface LiveInput {
  /** SQLite file of `serve --answers`. */
  readonly answersPath: string;
  /** Only answers to this model count; undefined: those to the model of `againstPath`, or all. */
  readonly modelPath: string | undefined;
  /** Evaluation record of a test set; undefined: no drift. */
  readonly againstPath: string | undefined;
}

/** @throws ANSWERS_UNUSABLE, ANSWERS_NONE, FILE_UNREADABLE, MODEL_FILE_INVALID, RECORD_INVALID */
export async function runLiveEvaluation({ answersPath, modelPath, againstPath }: LiveInput): Promise<LiveEvaluation> {
  const reference = againstPath === undefined ? null : await readEvaluation(againstPath);
  const wanted = modelPath === undefined ? reference?.modelSha256 : (await readModelFile(modelPath)).trainedSha256;
  const rows = readAnswers(answersPath).filter((row) => wanted === undefined || row.modelSha256 === wanted);
  if (rows.length > 0) return evaluateLive(rows, reference);
  throw new FulcrumError("ANSWERS_NONE", {
    path: answersPath,
    wanted: wanted === undefined ? "yet" : `to model ${wanted.slice(0, 12)}`,
  });
}

async function readEvaluation(path: string) {
  return parseRecord(evaluationRecord, await readText(path), path).body;
}

const percent = (share: number) => (100 * share).toFixed(1);
const points = (share: number) => `${share > 0 ? "+" : ""}${percent(share)}`;

export function renderLiveEvaluation({ answers, correct, accuracy, from, to, ...rest }: LiveEvaluation): string {
  const { models, perClass, drift } = rest;
  const width = Math.max("category".length, ...perClass.map(({ name }) => name.length));
  const lines = [
    `${percent(accuracy.estimate)} % right (${correct} of ${answers} answers; 95 % interval ${percent(accuracy.low)} to ` +
      `${percent(accuracy.high)}), ${from} to ${to}`,
    ...(models.length > 1
      ? ["", "by model", ...models.map((one) => `${one.sha256.slice(0, 12)}  ${one.correct} of ${one.answers}`)]
      : []),
    "",
    `${"category".padEnd(width)} answers  right`,
    ...perClass.map(
      (one) => `${one.name.padEnd(width)} ${String(one.answers).padStart(7)} ${String(one.correct).padStart(6)}`,
    ),
  ];
  return [...lines, ...(drift ? ["", ...renderDrift(drift)] : [])].join("\n");
}

function renderDrift(drift: NonNullable<LiveEvaluation["drift"]>): string[] {
  const { data, photos, accuracy, difference, categories, predictions, confidence, threshold, hasDrifted } = drift;
  const tests = { categories, predictions, confidence };
  return [
    `against the ${data} (${photos} photos, ${percent(accuracy.estimate)} %): ${points(difference.estimate)} points, ` +
      `95 % interval ${points(difference.low)} to ${points(difference.high)}`,
    ...Object.entries(tests).map(
      ([name, { test, statistic, p }]) =>
        `${name.padEnd(11)} p = ${p.toFixed(4)} (statistic ${statistic.toFixed(3)}; ${test})`,
    ),
    hasDrifted
      ? `drift: at least one p is at most ${threshold.toFixed(4)} (0.05 shared by three tests)`
      : `no drift shown: every p is over ${threshold.toFixed(4)} (0.05 shared by three tests)`,
  ];
}
