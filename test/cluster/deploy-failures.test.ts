/** What goes wrong when one deploys on a real cluster, in clear words and exit codes; the least rights. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fulcrum, lab, labMissing } from "../kit/lab.ts";
import { openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";

const namespace = "failures";

let space: TestNamespace;
before(async () => {
  if (labMissing) return;
  space = await openNamespace(namespace);
});
after(() => space?.remove());

test("a memory limit that is too small is said as such", { skip: labMissing }, async () => {
  const words = ["--requests-memory", "24Mi", "--limits-memory", "24Mi"];
  const { code, stderr } = await space.deploy("small", ...words);
  assert.equal(code, 1);
  assert.match(stderr, /OOMKilled|exit code/);
  await space.undeploy("small");
});

test("a quota is said as such", { skip: labMissing }, async () => {
  await lab("kubectl", "create", "namespace", "tight");
  await lab("kubectl", "-n", "tight", "create", "quota", "tight", "--hard=requests.cpu=50m");
  const { code, stderr } = await space.deploy("quota", "--namespace", "tight");
  assert.equal(code, 1);
  assert.match(stderr, /exceeded quota: tight/);
  await lab("kubectl", "delete", "namespace", "tight", "--wait=false");
});

test("an object of that name that is not ours is not touched", { skip: labMissing }, async () => {
  await lab("kubectl", "-n", namespace, "create", "service", "clusterip", "taken", "--tcp=80:80");
  const { code, stderr } = await space.deploy("taken");
  assert.equal(code, 3);
  assert.match(stderr, /Service taken in namespace failures was not made by fulcrum.*DEPLOY_NAME_TAKEN/s);
});

test("no cluster, a wrong one, an unknown context, a missing namespace: words and exit codes", {
  skip: labMissing,
}, async () => {
  const config = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "gone",
    clusters: [{ name: "gone", cluster: { server: "https://10.77.0.1:1" } }],
    users: [{ name: "me", user: {} }],
    contexts: [{ name: "gone", context: { cluster: "gone", user: "me" } }],
  });
  const [broken, gone] = [join(tmpdir(), `broken-${process.pid}`), join(tmpdir(), `gone-${process.pid}`)];
  await writeFile(broken, "no: [kubeconfig");
  await writeFile(gone, config);
  const outcome = async (...words: string[]) => {
    const { code, stderr } = await space.deploy("none", ...words);
    return `${code} ${/\[([A-Z_]+)\]/.exec(stderr)?.[1]}`;
  };
  assert.equal(await outcome("--kubeconfig", "/nowhere/config"), "4 CLUSTER_CONFIG_INVALID");
  assert.equal(await outcome("--kubeconfig", broken), "4 CLUSTER_CONFIG_INVALID");
  assert.equal(await outcome("--kubeconfig", gone), "4 CLUSTER_UNREACHABLE");
  assert.equal(await outcome("--context", "other"), "2 CLUSTER_CONTEXT_UNKNOWN");
  assert.equal(await outcome("--namespace", "absent"), "3 CLUSTER_NAMESPACE_MISSING");
});

test("the documented rights are enough, and no more than that namespace is allowed", { skip: labMissing }, async () => {
  const manifest = (await fulcrum(["render", "--rbac", "--namespace", namespace])).stdout;
  const file = join(tmpdir(), `rights-${process.pid}.yaml`);
  await writeFile(file, manifest);
  await lab("kubectl", "apply", "-f", file);
  const token = await lab("kubectl", "-n", namespace, "create", "token", "fulcrum");
  const admin = await readFile(await lab("kubeconfig"), "utf8");
  const restricted = join(tmpdir(), `restricted-${process.pid}`);
  await writeFile(restricted, admin.replace(/user: \{client-certificate-data.*\}\}\]/, `user: {token: "${token}"}}]`));
  const as = ["--kubeconfig", restricted];
  const deployed = await space.deploy("least", "--shape", "autoscaled", "--min", "1", ...as);
  assert.equal(deployed.code, 0, deployed.stderr);
  const csv = join(tmpdir(), `usage-${process.pid}.csv`);
  const monitor = ["monitor", "--target", "kubernetes", "--name", "least", "--namespace", namespace, "--out", csv];
  const watched = await fulcrum([...monitor, "--duration", "3s", "--period", "1s", ...as]);
  assert.equal(watched.code, 0, watched.stderr);
  assert.equal((await fulcrum(["undeploy", "least", "--namespace", namespace, ...as])).code, 0);
  const elsewhere = await space.deploy("least", "--namespace", "default", ...as);
  assert.equal(elsewhere.code, 4);
  assert.match(elsewhere.stderr, /CLUSTER_FORBIDDEN/);
});
