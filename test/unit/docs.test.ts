/** The documents that are made from code are current. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { generatedDocuments } from "../../tools/generated-documents.ts";

for (const [path, text] of Object.entries(await generatedDocuments())) {
  test(`${path} says what the code says (else run: node tools/docs.ts)`, async () => {
    assert.equal(await readFile(join(projectDir, path), "utf8"), text);
  });
}
