/** WebAssembly modules: what the repository holds is what its sources compile to. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { compiledWasm, wasmSources } from "../../tools/compiled-wasm.ts";

for (const source of wasmSources) {
  test(`the module of ${source}.as is what it compiles to (else run: node tools/wasm.ts)`, async () => {
    const { path, text } = await compiledWasm(source);
    assert.equal(readFileSync(join(projectDir, path), "utf8"), text);
  });
}
