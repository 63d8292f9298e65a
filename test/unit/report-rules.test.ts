/** Every sentence of the speaker notes: there when its condition holds, absent when not, and traceable to the records. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOf, recordPaths } from "../../src/report/facts/facts.ts";
import { photosToTellApart } from "../../src/report/facts/pairs.ts";
import type { ReportInput } from "../../src/report/index.ts";
import { rules, sentencesOf } from "../../src/report/rules/index.ts";
import { measurementBasis } from "../../src/report/words.ts";
import {
  type Edit,
  type EditableRun,
  edited,
  evaluationOf,
  everyMeasurement,
  samplesUsing,
  setRight,
  trainingOf,
} from "../kit/report-edit.ts";
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

const textsOf = (rule: string, edit: Edit) => saidBy(rule, edit).said.map(({ text }) => text);

/** On a cluster whose nodes have 40 cores together; the client has 2. */
const onCluster = (run: EditableRun) => {
  for (const { body } of run.measurements) {
    body.target = "kubernetes";
    const [node] = body.nodes;
    body.nodes = [1, 2].map((i) => ({
      ...node!,
      node: `node${i}`,
      capacity: { ...node!.capacity, cpuMillis: 20_000 },
    }));
  }
};

test("a cluster's cores are its nodes', not the client's", () => {
  const singles = (cpuMillis: number, cores: number) => (run: EditableRun) => {
    onCluster(run);
    for (const body of everyMeasurement(run, "single")) {
      body.pod.limits.cpuMillis = cpuMillis;
      body.samples = samplesUsing(cores);
    }
  };
  assert.match(textsOf("single/cpu-at-limit", singles(4000, 3.9)).join(), /3\.90 of 4\.00 cores were in use/);
  assert.deepEqual(textsOf("single/machine-full", singles(4000, 3.9)), []);
  assert.match(textsOf("single/cpu-idle", singles(4000, 1.9)).join(), /at most 1\.90 of the 4\.00 cores/);
  const [full] = textsOf("single/machine-full", singles(40_000, 30));
  assert.match(full!, /is the cluster; the pod used 30\.00 of its nodes' 40 cores, so/);
});

test("why more replicas of a cluster brought little is not made up", () => {
  const texts = textsOf("max/no-faster", (run) => {
    onCluster(run);
    for (const body of everyMeasurement(run, "max")) body.summary.transactionRatePerSecond = 1;
  });
  assert.match(texts[0]!, /more replicas brought little\.$/);
});

test("models are told apart only where interval and test both tell them apart", () => {
  // 9 against 2 photos of 320: Newcombe's interval leaves out zero, the exact test gives 2 * 67 / 2048 = 0.065.
  const disagreeing = (run: EditableRun) => {
    const [first, second] = [evaluationOf(run, "accuracy"), evaluationOf(run, "latency")];
    setRight(first, 280, 0.9);
    setRight(second, 273, 0.9);
    for (const i of [0, 1]) first.predictions[i]!.predicted = (first.predictions[i]!.label + 1) % 4;
    for (const i of [280, 281]) first.predictions[i]!.predicted = first.predictions[i]!.label;
  };
  const ofPair = (rule: string) => textsOf(rule, disagreeing).filter((text) => /accuracy .*latency/.test(text));
  assert.deepEqual(ofPair("accuracy/told-apart"), []);
  const [text] = ofPair("accuracy/not-told-apart");
  assert.match(text!, /do not separate accuracy and latency: 2\.2 points \(95 % interval 0\.\d to .* p 0\.065\)/);
});

test("photos that would separate two models: the normal approximation at a power of 80 %", () => {
  // d = 0.15, difference 0.05: 2.8016^2 * 0.15 / 0.0025 = 470.9
  const counts = { bothRight: 70, onlyFirst: 10, onlySecond: 5, bothWrong: 15 };
  const difference = { estimate: 0.05, low: 0, high: 0.1, level: 0.95, method: "" };
  assert.equal(photosToTellApart({ counts, difference }).toFixed(1), "470.9");
});

test("the head's best epoch is not spoken of where fine-tuning's weights were kept", () => {
  const tuned = (bestEpoch: number) => (run: EditableRun) => {
    const body = trainingOf(run, "latency");
    body.bestEpoch = 20;
    body.history[19]!.accuracy = 1;
    body.history[19]!.validationAccuracy = 0.5;
    body.fineTuning = {
      layers: { base: ["top"] },
      batchNorm: "frozen",
      trainedParameters: 1000,
      stoppedEarly: false,
      history: structuredClone(body.history),
      bestEpoch,
    };
  };
  for (const rule of ["training/kept-before-end", "training/overfitted"]) {
    assert.equal(textsOf(rule, tuned(0)).length, 1, rule);
    assert.deepEqual(textsOf(rule, tuned(3)), [], rule);
  }
});

test("a maximum of replicas that is the minimum as well is not spoken of, nor one that was never ready", () => {
  const eight = (minReplicas: number, readyReplicas: number) => (run: EditableRun) => {
    for (const body of everyMeasurement(run, "autoscaled")) {
      body.autoscaling!.minReplicas = minReplicas;
      for (const sample of body.samples) Object.assign(sample, { replicas: 8, readyReplicas });
    }
  };
  assert.equal(textsOf("course/at-most", eight(2, 8)).length, 2);
  assert.deepEqual(textsOf("course/at-most", eight(8, 8)), []);
  assert.deepEqual(textsOf("course/at-most", eight(2, 7)), []);
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

test("shares of samples are of those that know the use", () => {
  const everySecondUnknown =
    (share: number): Edit =>
    (run) => {
      for (const body of everyMeasurement(run, "autoscaled")) {
        body.samples.forEach((sample, i) => {
          sample.cpuUseCores = i % 2 === 0 ? null : share * sample.cpuRequestCores;
        });
      }
    };
  for (const [rule, share] of [
    ["course/cpu-at-limit", 1.9],
    ["course/over-request", 1.1],
  ] as const) {
    const texts = textsOf(rule, everySecondUnknown(share));
    assert.ok(texts.length > 0);
    for (const text of texts) assert.match(text, /in 100 % of the \d+ samples that know it:/);
  }
});

test("the basis of a measurement on a cluster names it, and its periods are not said to be scaled", () => {
  const basisOf = (edit: Edit) => {
    const { measurements } = edited(edit);
    return measurementBasis(measurements.filter(({ body }) => body.shape === "autoscaled"));
  };
  assert.match(
    basisOf(() => {}),
    /time scaled by 30: minutes and autoscaler periods are shorter, delays/,
  );
  const cluster = { server: "s", context: "c", namespace: "n", version: "v1.37.2", image: "i" };
  const onOne = (run: EditableRun) => {
    for (const { body } of run.measurements) Object.assign(body, { target: "kubernetes", cluster });
  };
  assert.match(
    basisOf(onOne),
    /minutes are shorter, the cluster's periods, delays.*Kubernetes v1\.37\.2, \d nodes; loaded from/,
  );
});
