/** Patches against Kubernetes' own strategic merge (test/fixtures/strategic-merge/README.md). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { mergeRules } from "../../src/deploy/kubernetes/render/merge-keys.ts";
import { type Json, type JsonObject, mergeObject } from "../../src/deploy/kubernetes/render/strategic-merge.ts";

interface Vector {
  readonly name: string;
  readonly original: JsonObject & { readonly kind: string };
  readonly patch: JsonObject;
  readonly result: JsonObject;
}

const file = join(projectDir, "test", "fixtures", "strategic-merge", "vectors.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

/** The one difference that is meant: Kubernetes puts new items of a merged list before the known ones. */
function ignoringOrder(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map(ignoringOrder);
    return items.every((item) => typeof item === "object" && item !== null)
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ignoringOrder(inner)]));
}

for (const { name, original, patch, result } of vectors) {
  test(`as Kubernetes: ${name}`, () => {
    const merged = mergeObject(original, patch, mergeRules[original.kind]!);
    assert.deepEqual(ignoringOrder(merged), ignoringOrder(result));
  });
}

test("known items keep their place, new ones come last", () => {
  const original = { spec: { ports: [{ port: 1 }, { port: 2 }] } };
  const patch = { spec: { ports: [{ port: 3 }, { port: 2, name: "b" }] } };
  const merged = mergeObject(original, patch, mergeRules.Service!);
  assert.deepEqual(merged, { spec: { ports: [{ port: 1 }, { port: 2, name: "b" }, { port: 3 }] } });
});

test("what a patch may not say is named with its place", () => {
  const merge = (patch: JsonObject) => () => mergeObject({}, patch, mergeRules.Deployment!);
  const inSpec = (spec: JsonObject) => ({ spec: { template: { spec } } });
  assert.throws(
    merge(inSpec({ containers: [{ image: "x" }] })),
    /^PatchError: spec\.template\.spec\.containers\[0\]: name is missing/,
  );
  assert.throws(merge(inSpec({ containers: ["x"] })), /containers\[0\]: the items are mappings with name/);
  assert.throws(merge({ spec: { $retainKeys: ["a"] } }), /spec\.\$retainKeys: this directive is not known/);
  assert.throws(merge({ spec: { $patch: "remove" } }), /spec\.\$patch is "remove"; allowed: merge, replace, delete/);
});
