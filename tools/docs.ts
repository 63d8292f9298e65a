/** Writes the documents that are made from code: `node tools/docs.ts`. A test checks that they are current. */
import { join } from "node:path";
import { writeFileAtomic } from "../src/base/files.ts";
import { projectDir } from "../src/config/paths.ts";
import { generatedDocuments } from "./generated-documents.ts";

for (const [path, text] of Object.entries(await generatedDocuments())) {
  await writeFileAtomic(join(projectDir, path), text);
  process.stdout.write(`${path}\n`);
}
