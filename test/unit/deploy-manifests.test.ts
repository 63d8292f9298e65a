/**
 * Manifests against golden files, and what has to hold of them whatever they are. The golden files are made anew by
 * UPDATE_GOLDENS=1 node --test test/unit/deploy-manifests.test.ts; look at the difference before committing it.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { deployment as deploymentSchema } from "../../src/config/deployment.ts";
import { kubernetes as kubernetesSchema } from "../../src/config/kubernetes.ts";
import { projectDir } from "../../src/config/paths.ts";
import { buildManifests, rbacManifests, recipeOf, renderYaml } from "../../src/deploy/index.ts";

const shapes = ["single", "max", "autoscaled"] as const;

function recipeFor(shape: (typeof shapes)[number], kubernetes: object = {}, name: string = shape) {
  const deployment = deploymentSchema.parse({
    name,
    shape,
    candidates: ["latency"],
    requests: { cpu: "300m", memory: "512Mi" },
    limits: { cpu: "1", memory: "1Gi" },
    load: "ten-users",
  });
  const image = "registry.test/food/{candidate}:{model}";
  return recipeOf(deployment, "latency", kubernetesSchema.parse({ image, ...kubernetes }), {
    namespace: "food",
    modelSha256: "0123456789abcdef".repeat(4),
  });
}

function isAsGolden(file: string, text: string): void {
  const path = join(projectDir, "test", "fixtures", "manifests", file);
  if (process.env.UPDATE_GOLDENS === "1") writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
}

for (const shape of shapes)
  test(`shape ${shape}`, () => isAsGolden(`${shape}.yaml`, renderYaml(buildManifests(recipeFor(shape)))));

test("the least rights", () =>
  isAsGolden("rbac.yaml", renderYaml(rbacManifests({ name: "fulcrum", namespace: "food" }))));

test("patches of the project file", () => {
  const patches = [
    {
      kind: "Deployment",
      patch: {
        spec: {
          template: {
            spec: {
              nodeSelector: { disk: "ssd" },
              containers: [
                { name: "fulcrum", env: [{ name: "UV_THREADPOOL_SIZE", value: "2" }], livenessProbe: null },
                { name: "proxy", image: "registry.test/proxy:1" },
              ],
            },
          },
        },
      },
    },
    {
      kind: "HorizontalPodAutoscaler",
      patch: { spec: { behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } } },
    },
    { kind: "Service", shape: "single", patch: { spec: { type: "LoadBalancer" } } },
  ];
  isAsGolden("patched.yaml", renderYaml(buildManifests(recipeFor("autoscaled", { patches, nodePort: 30080 }))));
});

test("YAML holds the same values as the objects", () => {
  const objects = buildManifests(recipeFor("autoscaled"));
  assert.deepEqual(
    parseAllDocuments(renderYaml(objects)).map((document) => document.toJS() as unknown),
    objects,
  );
});

test("a patch that fits nothing or would lose the object is refused with its number", () => {
  const build = (kind: string, patch: object) => () =>
    buildManifests(recipeFor("single", { patches: [{ kind, patch }] }));
  const refused = (problem: RegExp) => ({ code: "DEPLOY_PATCH_INVALID", message: problem });
  assert.throws(
    build("Deployment", { metadata: { name: "other" } }),
    refused(/patches\[0\] \(kind Deployment\): kind, name/),
  );
  assert.throws(
    build("Service", { metadata: { labels: { "app.kubernetes.io/managed-by": null } } }),
    refused(/labels that fulcrum knows/),
  );
  assert.throws(build("Service", { spec: { ports: [{ name: "x" }] } }), refused(/spec\.ports\[0\]: port is missing/));
});

test("names stay short enough for the host names of pods, and apart", () => {
  const long = "a".repeat(40);
  const names = ["1", "2"].map((end) => recipeFor("single", {}, `${long.slice(1)}${end}`).name);
  assert.equal(new Set(names).size, 2);
  for (const name of names) assert.match(name, /^[a-z][a-z0-9-]{1,45}$/);
  assert.equal(recipeFor("single", {}, "2nd").name, "f-2nd-latency");
});
