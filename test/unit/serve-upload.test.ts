/** Reading an upload: whatever the chunks, its bytes in order, and none of the small chunks kept. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { readBounded } from "../../src/serve/upload.ts";
import { UploadMemory } from "../../src/serve/upload-memory.ts";

const limit = 100_000;

test("chunks of one byte are copied together: they may change afterwards", async () => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251);
  const chunk = Buffer.alloc(1);
  function* chunks() {
    for (const byte of bytes) {
      chunk[0] = byte;
      yield chunk;
    }
  }
  const stream = Readable.from(chunks(), { objectMode: true, highWaterMark: 1 });
  const read = await readBounded(stream, limit, new UploadMemory(limit).lease(limit));
  assert.equal(Buffer.compare(read, bytes), 0);
});

test("large and small chunks in turn stay in order, and count with their bytes", async () => {
  const chunks = [3, 5000, 1, 1, 9000, 4095, 4095, 4095, 4095, 2, 4096].map((length, i) => Buffer.alloc(length, i));
  const memory = new UploadMemory(limit);
  const read = await readBounded(Readable.from(chunks), limit, memory.lease(limit));
  assert.equal(Buffer.compare(read, Buffer.concat(chunks)), 0);
  assert.equal(memory.heldBytes, read.byteLength);
});
