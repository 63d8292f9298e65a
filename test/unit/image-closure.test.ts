/** What of a lock a program needs; places and versions as npm writes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PackageLock, reduceLock } from "../../src/deploy/image/closure.ts";

const lock: PackageLock = {
  lockfileVersion: 3,
  packages: {
    "": { version: "1.0.0", dependencies: { web: "2.0.0", unused: "9.0.0", "onnxruntime-node": "1.0.0" } },
    "node_modules/web": {
      version: "2.0.0",
      dependencies: { log: "^1" },
      optionalDependencies: { native: "1.0.0", "never-locked": "1.0.0" },
    },
    "node_modules/web/node_modules/log": { version: "1.5.0", dependencies: { text: "*" } },
    "node_modules/log": { version: "3.0.0" },
    "node_modules/text": { version: "1.0.0", dependencies: { log: "^3" } },
    "node_modules/native": { version: "1.0.0", optional: true, cpu: ["x64"] },
    "node_modules/unused": { version: "9.0.0" },
    "node_modules/onnxruntime-node": { version: "1.0.0", dependencies: { "adm-zip": "*", common: "1.0.0" } },
    "node_modules/adm-zip": { version: "0.6.0" },
    "node_modules/common": { version: "1.0.0" },
  },
};

const placesOf = (names: string[]) => Object.keys(reduceLock(lock, names).lock.packages);

test("a nested package is found before one above it", () => {
  assert.deepEqual(placesOf(["web"]), [
    "",
    "node_modules/log",
    "node_modules/native",
    "node_modules/text",
    "node_modules/web",
    "node_modules/web/node_modules/log",
  ]);
});

test("what only an install script uses is left out, also from what npm checks", () => {
  const { lock: reduced } = reduceLock(lock, ["onnxruntime-node"]);
  assert.deepEqual(Object.keys(reduced.packages), ["", "node_modules/common", "node_modules/onnxruntime-node"]);
  assert.deepEqual(reduced.packages["node_modules/onnxruntime-node"]?.dependencies, { common: "1.0.0" });
});

test("an import that package.json does not declare is refused", () => {
  assert.throws(() => reduceLock(lock, ["text"]), /text is imported but is not among the dependencies/);
});
