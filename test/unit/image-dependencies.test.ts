/** Which files of packages an image holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isNeeded } from "../../src/deploy/image/dependencies-layer.ts";

test("folders for developers are left out only right below a package", () => {
  const needed = (path: string) => isNeeded(path, "amd64");
  assert.equal(needed("yaml/dist/doc/directives.js"), true);
  assert.equal(needed("@scope/name/lib/test/run.js"), true);
  assert.equal(needed("yaml/docs/index.js"), false);
  assert.equal(needed("@scope/name/test/run.js"), false);
  assert.equal(needed("one/node_modules/two/examples/run.js"), false);
  assert.equal(needed("yaml/LICENSE"), true);
});
