/** Every sentence of the speaker notes: there when its condition holds, absent when not, and traceable to the records. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOf, recordPaths } from "../../src/report/facts/facts.ts";
import type { ReportInput } from "../../src/report/index.ts";
import { rules, sentencesOf } from "../../src/report/rules/index.ts";
import { type Edit, edited } from "../kit/report-edit.ts";
import { deploymentCases } from "../kit/rule-cases-deployments.ts";
import { modelCases } from "../kit/rule-cases-models.ts";

const cases = { ...modelCases, ...deploymentCases };
const saidBy = (rule: string, edit: Edit) => {
  const run = edited(edit);
  return { run, said: sentencesOf(factsOf(run)).filter((sentence) => sentence.rule === rule) };
};

test("each rule is named once and has a case for speaking and for silence", () => {
  const ids = rules.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(Object.keys(cases).toSorted(), ids.toSorted());
});

for (const [id, { speaks, silent, says }] of Object.entries(cases)) {
  test(`${id}: speaks and is silent`, () => {
    const { run, said } = saidBy(id, speaks);
    const texts = said.map(({ text }) => text);
    assert.ok(
      texts.some((text) => says.test(text)),
      `nothing like ${says} in ${JSON.stringify(texts)}`,
    );
    for (const { text, evidence } of said) {
      assert.doesNotMatch(text, /NaN|undefined|Infinity|null/);
      assert.ok(evidence.length > 0);
      for (const pointer of evidence) assert.ok(isInRecords(run, pointer), `${pointer} leads nowhere`);
    }
    assert.deepEqual(
      saidBy(id, silent).said.map(({ text }) => text),
      [],
    );
  });
}

test("a sentence about a course belongs to that course's slide and to no other", () => {
  const sentences = sentencesOf(factsOf(edited(() => {}))).filter(({ topic }) => topic === "course");
  assert.deepEqual([...new Set(sentences.map(({ course }) => course))].toSorted(), ["accuracy", "latency"]);
});

test("an empty run says nothing", () => {
  const run = edited((empty) => {
    empty.dataset = undefined;
    empty.trainings = [];
    empty.evaluations = [];
    empty.measurements = [];
  });
  assert.deepEqual(sentencesOf(factsOf(run)), []);
});

/** Whether "measure/max/latency/record.json#/body/running" is something that the record holds. */
function isInRecords(run: ReportInput, evidence: string): boolean {
  const [path, pointer] = evidence.split("#/") as [string, string];
  const records: [string, unknown][] = [
    [recordPaths.dataset, run.dataset],
    ...run.trainings.map((record): [string, unknown] => [recordPaths.training(record.body.candidate), record]),
    ...run.evaluations.map((record): [string, unknown] => [recordPaths.evaluation(record.body.candidate), record]),
    ...run.measurements.map((record): [string, unknown] => [recordPaths.measurement(record.body), record]),
  ];
  let value = records.find(([known]) => known === path)?.[1];
  for (const key of pointer.split("/")) value = (value as Record<string, unknown> | undefined)?.[key];
  return value !== undefined;
}
