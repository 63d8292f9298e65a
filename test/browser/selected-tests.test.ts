/** `fulcrum test --match` where no test of a file with a browser matches: it ends, and nothing has failed. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { projectDir } from "../../src/config/paths.ts";
import { chromiumMissing } from "../kit/chromium.ts";

test("files without a match neither hang nor fail", { skip: chromiumMissing }, async () => {
  const words = [join(projectDir, "src/cli/main.ts"), "test", "browser", "--match", "no name of a test is like this"];
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env; // with it Node would not run tests within a test
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: projectDir, env, timeout: 180_000 });
  assert.match(stdout, /^ℹ pass [1-9].*^ℹ fail 0$/ms);
});
