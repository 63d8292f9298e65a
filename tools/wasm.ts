/** Writes the WebAssembly modules that are made from code: `node tools/wasm.ts`. A test checks that they are current. */
import { join } from "node:path";
import { writeFileAtomic } from "../src/base/files.ts";
import { projectDir } from "../src/config/paths.ts";
import { compiledWasm, wasmSources } from "./compiled-wasm.ts";

for (const source of wasmSources) {
  const { path, text } = await compiledWasm(source);
  await writeFileAtomic(join(projectDir, path), text);
  process.stdout.write(`${path}\n`);
}
