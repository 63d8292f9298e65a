/**
 * The real autoscaler under a load whose peak needs it, and the local platform's one fed with what the real one saw.
 * With FULCRUM_RECORD=FILE the recording is kept: test/fixtures/hpa-recording is made so.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { compareDecisions, type Recording } from "../kit/hpa-comparison.ts";
import { decisionsOf, recordLooks, stepsOf } from "../kit/hpa-recorder.ts";
import { fulcrum, lab, labMissing, until } from "../kit/lab.ts";
import { openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";

const [minReplicas, maxReplicas, targetCpuPercent] = [2, 8, 50];
/** Of the lab: units.sh. */
const downscaleStabilizationSeconds = 40;
const namespace = "autoscale";

let space: TestNamespace;
before(async () => {
  if (labMissing) return;
  space = await openNamespace(namespace);
});
after(() => space?.remove());

test("2 to at least 4 and back; the local platform's autoscaler decides alike", { skip: labMissing }, async (t) => {
  const bounds = ["--min", String(minReplicas), "--max", String(maxReplicas), "--target-cpu", String(targetCpuPercent)];
  const deployed = await space.deploy(
    "web",
    "--shape",
    "autoscaled",
    "--requests-cpu",
    "50m",
    "--limits-cpu",
    "300m",
    ...bounds,
  );
  assert.equal(deployed.code, 0, deployed.stderr);
  const { url } = JSON.parse(deployed.stdout);
  await until("metrics of both pods", 180, async () => (await space.cluster.list("PodMetrics")).length >= 2);
  const over = new AbortController();
  t.after(() => over.abort());
  const startMs = Date.now();
  const looking = recordLooks(space.cluster, "web", { startEpochMs: startMs, signal: over.signal });
  const replicas = async () =>
    (await space.cluster.read({ kind: "Deployment", name: "web" }))?.status.readyReplicas ?? 0;
  const loading = fulcrum(["load", `${url}/test`, "-c", "8", "-d", "0.5", "-t", "120s", "--json"]);
  await until("four ready pods", 120, async () => (await replicas()) >= 4);
  t.diagnostic(`four pods ready ${((Date.now() - startMs) / 1000).toFixed(0)} s after the load began`);
  const { summary } = JSON.parse((await loading).stdout);
  const endMs = Date.now();
  t.diagnostic(`${await replicas()} pods ready at its end; ${summary.okay} answered, ${summary.failed} failed`);
  assert.equal(summary.failed, 0);
  await until("two pods again", 240, async () => (await replicas()) === 2);
  t.diagnostic(`two pods again ${((Date.now() - endMs) / 1000).toFixed(0)} s after the load ended`);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  over.abort();
  const log = await lab("log", "cp", "kube-controller-manager");
  const decisions = decisionsOf(log, { namespace, name: "web", year: new Date(startMs).getFullYear() });
  const recorded: Recording = {
    minReplicas,
    maxReplicas,
    targetCpuPercent,
    downscaleStabilizationSeconds,
    steps: stepsOf(await looking, decisions, startMs),
  };
  if (process.env.FULCRUM_RECORD) await writeFile(process.env.FULCRUM_RECORD, `${JSON.stringify(recorded)}\n`);
  const { agreed, differences } = compareDecisions(recorded);
  for (const difference of differences) t.diagnostic(difference);
  t.diagnostic(`${agreed} of ${recorded.steps.length} decisions alike`);
  assert.ok(recorded.steps.length >= 8);
  assert.ok(agreed / recorded.steps.length >= 0.95, differences.join("\n"));
  await space.undeploy("web");
});
