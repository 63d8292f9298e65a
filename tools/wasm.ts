/** Writes the WebAssembly module that is made from code: `node tools/wasm.ts`. A test checks that it is current. */
import { join } from "node:path";
import { writeFileAtomic } from "../src/base/files.ts";
import { projectDir } from "../src/config/paths.ts";
import { compiledWasm } from "./compiled-wasm.ts";

const { path, text } = await compiledWasm();
await writeFileAtomic(join(projectDir, path), text);
process.stdout.write(`${path}\n`);
