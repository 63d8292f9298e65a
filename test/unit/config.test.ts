/** fulcrum.yaml: defaults, messages with line and nearest name, overrides, presets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { renderProjectFile } from "../../src/config/document.ts";
import { parseOverride, parseProject } from "../../src/config/parse.ts";
import { presets } from "../../src/config/presets.ts";
import { parseCpu, parseDuration, parseMemory } from "../../src/config/quantities.ts";
import { isFulcrumError } from "../../src/errors/index.ts";

const minimal = `name: food
data: { dir: photos }
candidates:
  - name: latency
    bases: [efficientnet-lite0]
`;

function problemsOf(text: string): string {
  try {
    parseProject(text, "fulcrum.yaml");
  } catch (error) {
    assert.ok(isFulcrumError(error, "CONFIG_INVALID"));
    return error.message;
  }
  return assert.fail("the text was accepted");
}

test("what is left out gets its default", () => {
  const project = parseProject(minimal, "fulcrum.yaml");
  assert.equal(project.seed, 1);
  assert.equal(project.candidates[0]!.head.optimizer.name, "adam");
  assert.deepEqual(
    project.platform.nodes.map(({ cpu }) => cpu),
    [4000, 4000, 4000],
  );
});

test("an unknown key is an error with its line and the nearest key", () => {
  const message = problemsOf(minimal.replace("bases:", "epohcs: 3\n    bases:").replace("epohcs", "rolle"));
  assert.match(message, /line 5, candidates\[0\]\.rolle: unknown key\. Did you mean role\?/);
});

test("a wrong value names line, key and what was given", () => {
  const message = problemsOf(`${minimal}    head: { epochs: 0 }\n`);
  assert.match(message, /line 6, candidates\[0\]\.head\.epochs: .*>=1 \(got 0\)/);
});

test("every problem is told, not only the first", () => {
  assert.match(problemsOf("name: UPPER\nseed: -1\ndata: { dir: x }\ncandidates: []\n"), /has 3 problem\(s\)/);
});

test("text that is no YAML is told with its line", () => {
  assert.match(problemsOf("name: [1\nseed: 2\n"), /line \d/);
});

test("references to candidates and loads are checked", () => {
  const text = `${minimal}deployments:
  - { name: one, shape: single, candidates: [acuracy], load: none, requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi} }
`;
  const message = problemsOf(text);
  assert.match(message, /no candidate acuracy; there are: latency/);
  assert.match(message, /no load none; there are: none/);
});

test("--set overrides a key with a YAML value", () => {
  const project = parseProject(minimal, "fulcrum.yaml", [
    parseOverride("candidates.0.head.epochs=7"),
    parseOverride("seed=5"),
  ]);
  assert.equal(project.candidates[0]!.head.epochs, 7);
  assert.equal(project.seed, 5);
  assert.throws(() => parseOverride("seed"), { code: "CLI_BAD_VALUE" });
});

for (const [name, preset] of Object.entries(presets)) {
  test(`the preset ${name} is valid, and its commented file says the same`, () => {
    const input = preset("food", "photos");
    const fromFile = parseProject(renderProjectFile(input, name), "fulcrum.yaml");
    assert.deepEqual(fromFile, parseProject(JSON.stringify(input), "fulcrum.yaml"));
    const load = fromFile.loads.find((scenario) => scenario.kind === "series");
    assert.ok(load?.kind === "series");
    assert.equal(
      load.minutes.reduce((sum, { minutes }) => sum + minutes, 0),
      30,
    );
  });
}

test("quantities as Kubernetes writes them", () => {
  assert.deepEqual(["500m", "1.5", 2, "x"].map(parseCpu), [500, 1500, 2000, undefined]);
  assert.deepEqual(["512Mi", "2Gi", "4627034Ki", "1k", "1Q"].map(parseMemory), [
    536870912,
    2147483648,
    4738082816,
    1000,
    undefined,
  ]);
  assert.deepEqual(["60s", "1.5m", "250ms", 3, "1d"].map(parseDuration), [60, 90, 0.25, 3, undefined]);
});
