/** Monitoring and loads on a real cluster: files, a restart of the API server, a Job inside. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fulcrum, lab, labMissing, until } from "../kit/lab.ts";
import { openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";

const namespace = "monitor";

let space: TestNamespace;
let dir: string;
before(async () => {
  if (labMissing) return;
  dir = await mkdtemp(join(tmpdir(), "fulcrum-monitor-"));
  space = await openNamespace(namespace);
  const { code, stderr } = await space.deploy("web", "--shape", "max", "--replicas", "2");
  assert.equal(code, 0, stderr);
});
after(async () => {
  await space?.remove();
  if (dir) await rm(dir, { recursive: true });
});

test("three files, and a restart of the API server leaves a gap and no error", { skip: labMissing }, async () => {
  await until("metrics of both pods", 180, async () => (await space.cluster.list("PodMetrics")).length === 2);
  const [out, pods, events] = ["usage.csv", "pods.csv", "events.jsonl"].map((name) => join(dir, name));
  const words = ["monitor", "--target", "kubernetes", "--name", "web", "--namespace", namespace, "--json"];
  const watching = fulcrum([
    ...words,
    "--out",
    out!,
    "--pods",
    pods!,
    "--events",
    events!,
    "--period",
    "1s",
    "--duration",
    "60s",
  ]);
  const rowsSoFar = async () => (await readFile(out!, "utf8")).trim().split("\n").length - 1;
  await until("the first samples", 60, async () => (await rowsSoFar()) >= 3);
  await lab("stop", "cp", "kube-apiserver", "KILL");
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await lab("start", "cp", "kube-apiserver");
  await until("the API server", 60, async () => (await space.cluster.version()) !== "");
  const [pod] = await space.pods("web");
  await space.cluster.remove({ kind: "Pod", name: pod!.metadata.name });
  const { code, stdout, stderr } = await watching;
  assert.equal(code, 0, stderr);
  const { samples, gaps } = JSON.parse(stdout);
  assert.ok(samples >= 12, `${samples} samples`);
  assert.ok(gaps.length >= 2, `${gaps.length} gaps`);
  assert.match(stderr, /no sample: The API server .* does not answer/);
  const rows = (await readFile(out!, "utf8")).trim().split("\n");
  assert.match(rows[1]!, /,2,0\.2,262144,1,1048576,[\d.]+,\d+/);
  assert.ok(rows.some((row) => /,,,,,,,$/.test(row)));
  assert.ok((await readFile(pods!, "utf8")).includes(pod!.metadata.name));
  const kinds = (await readFile(events!, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).kind);
  for (const kind of ["scheduled", "ready", "unready", "stopped"])
    assert.ok(kinds.includes(kind), `${kind} in ${kinds}`);
});

test("a load from inside: the same figures, nothing left behind", { skip: labMissing }, async () => {
  const service = await space.cluster.read({ kind: "Service", name: "web" });
  const url = `http://${service!.spec.clusterIP}/test`;
  const words = ["load", url, "--in-cluster", "--image", "lab.local/food:1", "--name", "web", "--namespace", namespace];
  const { code, stdout, stderr } = await fulcrum([
    ...words,
    "-c",
    "2",
    "-t",
    "5s",
    "--json",
    "--out",
    join(dir, "load"),
  ]);
  assert.equal(code, 0, stderr);
  const { summary } = JSON.parse(stdout);
  assert.ok(summary.okay > 0);
  assert.equal(summary.failed, 0);
  assert.match(await readFile(join(dir, "load", "load_output.csv"), "utf8"), /Trans/);
  assert.deepEqual(await space.cluster.list("Job"), []);
});
