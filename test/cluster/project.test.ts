/** A whole project on a real cluster: an imported Keras file as predecessor, `run --target kubernetes`, the report's files. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { fulcrum, labMissing } from "../kit/lab.ts";
import { get, openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";
import { jpegOf, writeFiles } from "../kit/photos.ts";

const namespace = "project";
/** Of the images that images.ts makes: with the imported test/fixtures/keras/tiny.k214.h5, whose classes these are. */
const image = "lab.local/keras:1";
const classes = ["a", "b", "c"];

let space: TestNamespace;
let dir: string;
before(async () => {
  if (labMissing) return;
  space = await openNamespace(namespace);
  dir = await mkdtemp(join(tmpdir(), "fulcrum-project-"));
  const photos: Record<string, Uint8Array> = {};
  for (const [i, name] of classes.entries()) {
    for (const [j, split] of ["training", "validation", "evaluation"].entries()) {
      for (let k = 0; k < 3; k++) photos[`photos/${split}/${name}/${k}.jpg`] = await jpegOf(70 * i + 20 * j + 3 * k);
    }
  }
  await writeFiles(dir, photos);
});
after(async () => {
  await space?.remove();
  if (dir) await rm(dir, { recursive: true });
});

test("an imported Keras model answers in a pod as it answers here", { skip: labMissing }, async () => {
  const { code, stdout, stderr } = await space.deploy("keras", "--image", image);
  assert.equal(code, 0, stderr);
  const { url } = JSON.parse(stdout);
  const [model, photo] = [join(dir, "keras.onnx"), join(dir, "photos/evaluation/a/0.jpg")];
  const file = join(projectDir, "test/fixtures/keras/tiny.k214.h5");
  const imported = await fulcrum(["import", file, "--out", model, "--classes", classes.join(",")]);
  assert.equal(imported.code, 0, imported.stderr);
  const here = JSON.parse((await fulcrum(["predict", model, photo, "--json"])).stdout);
  const form = new FormData();
  form.set("file", new Blob([await readFile(photo)], { type: "image/jpeg" }), "photo.jpg");
  const answer = await fetch(`${url}/predict`, {
    method: "POST",
    body: form,
    headers: { connection: "close" },
  });
  const there = (await answer.json()) as { class: string; confidence: number };
  assert.equal(there.class, here[0].class);
  assert.ok(Math.abs(there.confidence - here[0].confidence) < 1e-5);
  assert.match(await get(`${url}/test`), /\b[abc]\b/);
  await space.undeploy("keras");
});

const projectFile = `
name: lab
data: {dir: photos}
candidates:
- {name: previous, role: previous, model: {file: ${join(projectDir, "test/fixtures/keras/tiny.k214.h5")}}}
kubernetes: {namespace: ${namespace}, image: "${image}"}
loads:
- {name: two-users, kind: closed, users: 2, duration: 5s}
deployments:
- name: max
  shape: max
  candidates: [previous]
  replicas: 12
  requests: {cpu: 1200m, memory: 128Mi}
  limits: {cpu: 1200m, memory: 512Mi}
  load: two-users
`;

test("run --target kubernetes: measured, reported, removed; done again it does nothing", {
  skip: labMissing,
}, async (t) => {
  const file = join(dir, "fulcrum.yaml");
  await writeFile(file, projectFile);
  const words = ["run", "--config", file, "--target", "kubernetes", "--no-live"];
  const { code, stderr } = await fulcrum(words);
  assert.equal(code, 0, stderr);
  const measured = join(dir, "runs/lab/measure/max/previous");
  const text = (name: string) => readFile(join(measured, name), "utf8");
  const { body } = JSON.parse(await text("record.json"));
  assert.deepEqual([body.target, body.asked, body.running, body.pending.length], ["kubernetes", 12, 9, 3]);
  assert.deepEqual([body.cluster.namespace, body.cluster.image], [namespace, image]);
  t.diagnostic(`pods were ready ${body.readySeconds.map((s: number) => s.toFixed(1)).join(", ")} s after their start`);
  assert.match(body.cluster.version, /^v1\.\d+/);
  assert.equal(body.summary.failed, 0);
  assert.ok(body.summary.okay > 0);
  assert.match(await text("load_output.csv"), /Trans/);
  assert.match(await text("resource_usage.csv"), /^time,n_replica,/);
  assert.match(await text("pod_usage.csv"), /max-previous-/);
  assert.match(await text("events.jsonl"), /"kind":"ready"/);
  assert.match(await readFile(join(dir, "runs/lab/report.html"), "utf8"), /3 Pending|9 of 12/);
  assert.deepEqual(await space.cluster.list("Deployment"), []);
  assert.deepEqual(await space.pods("max-previous"), [], "the next measurement has the nodes to itself");
  const again = await fulcrum(words);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(JSON.parse(await text("record.json")).body.startedAt, body.startedAt);
});

test("--search tries requests from the given ones down and keeps the best", { skip: labMissing }, async () => {
  const words = ["--shape", "max", "--replicas", "2", "--requests-cpu", "200m", "--limits-cpu", "400m", "--search"];
  const { code, stdout, stderr } = await space.deploy("search", ...words);
  assert.equal(code, 0, stderr);
  const { trials, best } = JSON.parse(stdout);
  const cpus = trials.map(({ requests }: { requests: { cpuMillis: number } }) => requests.cpuMillis);
  assert.deepEqual(cpus, [200, 100]);
  for (const { running, pending, requestsPerSecond } of trials) {
    assert.deepEqual([running, pending], [2, 0]);
    assert.ok(requestsPerSecond > 0);
  }
  for (const pod of await space.pods("search")) {
    if (pod.metadata.deletionTimestamp) continue;
    assert.equal(pod.spec.containers[0]?.resources?.requests?.cpu, `${best.requests.cpuMillis}m`);
  }
  await space.undeploy("search");
});
