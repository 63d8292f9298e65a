/** The search's pure parts, with rewards in closed form. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { candidate } from "../../src/config/candidate.ts";
import { project } from "../../src/config/project.ts";
import { frontOrder, kneesOf, paretoFront } from "../../src/tune/front.ts";
import { nextJob, type Outcome } from "../../src/tune/halving.ts";
import { tunedProject } from "../../src/tune/project.ts";
import { atRung, planRungs } from "../../src/tune/rungs.ts";
import { baseSets, drawArm } from "../../src/tune/space.ts";

const at = (accuracy: number, latencyMs: number) => ({ accuracy, latencyMs });

test("the front holds what nothing beats in both, fastest first, equals once", () => {
  const points = [at(0.9, 30), at(0.8, 10), at(0.8, 12), at(0.7, 20), at(0.85, 15), at(0.9, 30)];
  assert.deepEqual(paretoFront(points), [at(0.8, 10), at(0.85, 15), at(0.9, 30)]);
});

test("points are ordered front by front", () => {
  const points = [at(0.7, 20), at(0.9, 30), at(0.8, 10), at(0.6, 40), at(0.8, 12)];
  assert.deepEqual(frontOrder(points), [at(0.9, 30), at(0.8, 10), at(0.8, 12), at(0.7, 20), at(0.6, 40)]);
});

test("the accuracy model is the fastest within one standard error of the best", () => {
  // sqrt(0.9 * 0.1 / 900) = 0.01
  const front = [at(0.8, 5), at(0.8899, 10), at(0.8901, 20), at(0.9, 40)];
  assert.deepEqual(kneesOf(front, 900).accuracy, at(0.8901, 20));
});

test("the latency model is the point farthest above the chord, on a logarithmic scale of latency", () => {
  // Between (0.5, 1 ms) and (0.9, 16 ms): a quarter of the way each doubling. 2 ms: 0.8 - 0.6 = 0.2 above, 4 ms: 0.12.
  const front = [at(0.5, 1), at(0.8, 2), at(0.82, 4), at(0.9, 16)];
  assert.deepEqual(kneesOf(front, 1e6).latency, at(0.8, 2));
  const straight = [at(0.5, 1), at(0.52, 4), at(0.9, 16)];
  assert.deepEqual(kneesOf(straight, 1e6).latency, at(0.5, 1), "nothing above the chord: the fastest");
  assert.deepEqual(kneesOf([at(0.9, 5)], 100), { accuracy: at(0.9, 5), latency: at(0.9, 5) });
});

/** Runs the search with rewards that are known: arm n has accuracy n / 100 at every rung, all of one latency. */
function search(jobs: number, reward = (arm: number) => at(arm / 100, 10)): Outcome[] {
  const outcomes: Outcome[] = [];
  for (let i = 0; i < jobs; i++) {
    const job = nextJob(outcomes, { rungs: 3, fixedArms: 2 });
    outcomes.push({ ...job, point: reward(job.arm) });
  }
  return outcomes;
}

test("fixed arms come first and in full; of each rung the best third goes on", () => {
  const outcomes = search(2 + 9 + 3 + 1);
  assert.deepEqual(
    outcomes.slice(0, 2).map(({ arm, rung }) => [arm, rung]),
    [
      [0, 2],
      [1, 2],
    ],
  );
  // Each third new arm is the best so far (arms grow better), so it goes on at once.
  const later = outcomes.slice(2).map(({ arm, rung }) => `${arm}/${rung}`);
  assert.deepEqual(later, [
    "2/0",
    "3/0",
    "4/0",
    "4/1",
    "5/0",
    "6/0",
    "7/0",
    "7/1",
    "8/0",
    "9/0",
    "10/0",
    "10/1",
    "10/2",
  ]);
});

test("the best arm of many gets to the top, though it is drawn early", () => {
  const top = search(60, (arm) => at(arm === 5 ? 0.99 : (arm % 7) / 10, 10)).filter(({ rung }) => rung === 2);
  assert.ok(top.some(({ arm }) => arm === 5));
});

test("a fast arm goes on beside an accurate one", () => {
  const outcomes = search(40, (arm) => (arm === 3 ? at(0.3, 1) : at(0.5 + (arm % 5) / 100, 10)));
  assert.ok(outcomes.some(({ arm, rung }) => arm === 3 && rung > 0));
});

test("a failed arm never goes on, and the search does not end with it", () => {
  const outcomes: Outcome[] = [];
  for (let i = 0; i < 30; i++) {
    outcomes.push({ ...nextJob(outcomes, { rungs: 2, fixedArms: 0 }), point: null });
  }
  assert.ok(outcomes.every(({ rung }) => rung === 0));
  assert.deepEqual(
    outcomes.map(({ arm }) => arm),
    [...Array(30).keys()],
  );
});

test("a search that goes on asks for the same job as one that was never stopped", () => {
  const outcomes = search(25);
  for (let stop = 0; stop < 25; stop++) {
    const { arm, rung } = nextJob(outcomes.slice(0, stop), { rungs: 3, fixedArms: 2 });
    assert.deepEqual([arm, rung], [outcomes[stop]!.arm, outcomes[stop]!.rung]);
  }
});

const space = {
  bases: ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"] as const,
  sizes: [160, 224],
  layers: [11, 20],
};
const allBases = { ...space, bases: [...space.bases] };

test("an arm depends on seed and number only; arms cover bases and sizes", () => {
  assert.equal(baseSets(space.bases).length, 7);
  const arms = Array.from({ length: 60 }, (_, i) => drawArm(allBases, i, new Rng(3)));
  assert.deepEqual(drawArm(allBases, 41, new Rng(3)), arms[41]);
  assert.equal(new Set(arms.map(({ bases }) => bases.join())).size, 7);
  assert.deepEqual(new Set(arms.map(({ preprocessing }) => preprocessing.size)), new Set([null, 160, 224]));
});

test("half of the arms are fine-tuned: layers, rates and augmentation are drawn; 0 layers leave heads alone", () => {
  const arms = Array.from({ length: 200 }, (_, i) => drawArm(allBases, i, new Rng(3)));
  const tuned = arms.filter(({ fineTuning }) => fineTuning.epochs > 0);
  // 200 draws of one half: 100 with a standard deviation of 7.
  assert.ok(tuned.length > 72 && tuned.length < 128, `${tuned.length} of 200`);
  assert.deepEqual(new Set(tuned.map(({ unfreeze }) => unfreeze.layers)), new Set([11, 20]));
  const rates = tuned.map(({ fineTuning }) => fineTuning.optimizer.learningRate);
  assert.ok(rates.every((rate) => rate >= 1e-4 && rate <= 1e-3) && new Set(rates).size > 20);
  assert.deepEqual(
    new Set(
      tuned.map(({ augmentation }) => (augmentation === null ? "none" : augmentation.randomCrop ? "crop" : "mild")),
    ),
    new Set(["none", "crop", "mild"]),
  );
  assert.ok(arms.every(({ fineTuning, unfreeze }) => fineTuning.epochs > 0 === unfreeze.layers > 0));
  const heads = Array.from({ length: 20 }, (_, i) => drawArm({ ...allBases, layers: [0] }, i, new Rng(3)));
  assert.ok(heads.every(({ fineTuning }) => fineTuning.epochs === 0));
});

test("rungs grow to all photos; small data sets have fewer", () => {
  assert.deepEqual(planRungs(300), [64, 128, null]);
  assert.deepEqual(planRungs(100), [64, null]);
  assert.deepEqual(planRungs(50), [null]);
  const arm = candidate.parse({ name: "a", bases: ["efficientnet-lite0"], fineTuning: { epochs: 10 } });
  assert.deepEqual(
    [0, 1, 2].map((rung) => atRung(arm, planRungs(300), rung)).map((c) => [c.head.photosPerClass, c.fineTuning.epochs]),
    [
      [64, 4],
      [128, 7],
      [null, 10],
    ],
  );
});

test("the project file has the chosen candidates, says only what differs from defaults, and gives them back", () => {
  const chosen = {
    accuracy: candidate.parse({
      name: "arm-9",
      bases: ["efficientnet-lite0", "efficientnet-lite2"],
      head: { l2: 0.003 },
    }),
    latency: candidate.parse({ name: "arm-4", bases: ["efficientnet-lite0"], preprocessing: { size: 160 } }),
  };
  const input = tunedProject("food", "photos", 7, chosen);
  assert.deepEqual(input.candidates[1], {
    name: "accuracy",
    role: "accuracy",
    bases: ["efficientnet-lite0", "efficientnet-lite2"],
    head: { l2: 0.003 },
  });
  const parsed = project.parse(input);
  assert.equal(parsed.seed, 7);
  assert.deepEqual(parsed.candidates[2], { ...chosen.latency, name: "latency", role: "latency" });
});
