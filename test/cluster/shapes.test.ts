/** Changes of shape, ways in and fields of others on a real API server, which the fake cluster does not have. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fulcrum, fulcrumInPod, lab, labMissing, until } from "../kit/lab.ts";
import { openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";

const namespace = "shapes";

let space: TestNamespace;
let dir: string;
before(async () => {
  if (labMissing) return;
  dir = await mkdtemp(join(tmpdir(), "fulcrum-shapes-"));
  space = await openNamespace(namespace);
  // The strictest Pod Security Standard: pods that are not "restricted" are refused, and warned of.
  const levels = ["enforce", "warn"].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await lab("kubectl", "label", "namespace", namespace, ...levels);
});
after(async () => {
  await space?.remove();
  if (dir) await rm(dir, { recursive: true });
});

const kubectl = (...words: string[]) => lab("kubectl", "-n", namespace, ...words);
const replicas = () => kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}");
const deployed = async (...words: string[]) => {
  const { code, stdout, stderr } = await space.deploy("web", ...words);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

test("every shape and way in is accepted without a warning, by the restricted standard", {
  skip: labMissing,
}, async () => {
  for (const shape of ["single", "max", "autoscaled"]) {
    for (const service of ["ClusterIP", "NodePort", "LoadBalancer"]) {
      const { warnings, differences } = await deployed("--dry-run", "--shape", shape, "--service", service);
      assert.deepEqual(warnings, []);
      for (const { change } of differences) assert.equal(change, "create");
    }
  }
});

test("from max to autoscaled and back: no pod goes that need not, and who sets the replicas changes", {
  skip: labMissing,
}, async () => {
  await deployed("--shape", "max", "--replicas", "3");
  const before = (await space.pods("web")).map(({ metadata }) => metadata.name).sort();
  await deployed("--shape", "autoscaled", "--min", "2", "--max", "5");
  assert.equal(await replicas(), "3");
  const after = (await space.pods("web")).map(({ metadata }) => metadata.name).sort();
  assert.deepEqual(after, before);
  await kubectl("scale", "deployment", "web", "--replicas=4"); // as the autoscaler does
  await deployed("--shape", "max", "--replicas", "3");
  assert.equal(await replicas(), "3");
  assert.deepEqual(await space.cluster.list("HorizontalPodAutoscaler"), []);
});

test("a rollback leaves replicas and others' fields alone, and says what it left", { skip: labMissing }, async () => {
  await deployed("--shape", "max", "--replicas", "3", "--image", "lab.local/food:2");
  const path = "/spec/template/spec/containers/0/env";
  const added = JSON.stringify([{ op: "add", path, value: [{ name: "WHO", value: "somebody" }] }]);
  await kubectl("patch", "deployment", "web", "--type=json", "-p", added);
  await kubectl("rollout", "status", "deployment", "web", "--timeout=120s");
  await deployed("--shape", "max", "--replicas", "3", "--image", "lab.local/food:1");
  await kubectl("scale", "deployment", "web", "--replicas=2");
  const { code, stdout, stderr } = await fulcrum(["rollback", "web", "--namespace", namespace, "--json"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { name: "web", image: "lab.local/food:2", ready: 2, kept: [] });
  assert.equal(await replicas(), "2");
  await kubectl("set", "image", "deployment/web", "fulcrum=lab.local/food:1");
  const conflict = await fulcrum(["rollback", "web", "--namespace", namespace]);
  assert.equal(conflict.code, 3);
  assert.match(conflict.stderr, /CLUSTER_CONFLICT/);
  const forced = await fulcrum(["rollback", "web", "--namespace", namespace, "--force", "--json"]);
  assert.equal(forced.code, 0, forced.stderr);
  assert.equal(JSON.parse(forced.stdout).image, "lab.local/food:2");
  await space.undeploy("web");
});

test("patches of a project file change what flags deploy", { skip: labMissing }, async () => {
  const file = join(dir, "fulcrum.yaml");
  const patch = { metadata: { annotations: { team: "food" } } };
  const kubernetes = { patches: [{ kind: "Deployment", patch }] };
  const candidates = [{ name: "latency", bases: ["efficientnet-lite0"] }];
  await writeFile(file, JSON.stringify({ name: "patched", data: { dir: "photos" }, candidates, kubernetes }));
  const { differences } = await deployed("--dry-run", "--config", file);
  assert.ok(differences.every(({ change }: { change: string }) => change === "create"));
  await deployed("--config", file);
  assert.equal(await kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.annotations.team}"), "food");
  await space.undeploy("web");
});

test("a load balancer's address is waited for; without one the pods are ready all the same", {
  skip: labMissing,
}, async () => {
  const deploying = space.deploy("web", "--service", "LoadBalancer", "--timeout", "120s");
  await until("the service", 60, async () => (await kubectl("get", "service", "web", "-o", "name")) !== "");
  // What a cloud's controller does.
  const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: "10.77.0.200" }] } } });
  await kubectl("patch", "service", "web", "--subresource=status", "--type=merge", "-p", status);
  const { code, stdout, stderr } = await deploying;
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).url, "http://10.77.0.200");
  await space.undeploy("web");
  const without = await space.deploy("late", "--service", "LoadBalancer", "--timeout", "45s");
  assert.equal(without.code, 0, without.stderr);
  const { url, ready } = JSON.parse(without.stdout);
  assert.deepEqual([url, ready], [null, 1]);
  await space.undeploy("late");
});

test("a pod's own service account is enough to find the cluster", { skip: labMissing }, async () => {
  const rights = join(dir, "rights.yaml");
  await writeFile(rights, (await fulcrum(["render", "--rbac", "--namespace", namespace])).stdout);
  await lab("kubectl", "apply", "-f", rights);
  const token = await kubectl("create", "token", "fulcrum");
  const ca = await kubectl("get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}");
  const { code, stdout, stderr } = await fulcrumInPod(
    ["deploy", "--target", "kubernetes", "--name", "inside", "--image", "lab.local/food:1", "--dry-run", "--json"],
    { token, ca, namespace },
  );
  assert.equal(code, 0, stderr);
  const { differences } = JSON.parse(stdout);
  assert.ok(
    differences.some(
      ({ kind, change }: { kind: string; change: string }) => kind === "Deployment" && change === "create",
    ),
  );
});
