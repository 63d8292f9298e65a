/** Frames between server and workers survive any cutting of the byte stream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrame, type Frame, FrameReader } from "../../src/serve/frames.ts";

const frames: Frame<{ kind: string }>[] = [
  { header: { kind: "first" }, body: new Uint8Array() },
  { header: { kind: "zweiter, é" }, body: Uint8Array.from({ length: 300 }, (_, i) => i % 256) },
  { header: { kind: "last" }, body: Uint8Array.of(0) },
];

test("the layout is u32 header length, u32 body length, header, body", () => {
  const bytes = Buffer.concat(encodeFrame({ header: { a: 1 }, body: Uint8Array.of(9, 8) }));
  assert.deepEqual([...bytes], [7, 0, 0, 0, 2, 0, 0, 0, ...Buffer.from('{"a":1}'), 9, 8]);
});

for (const size of [1, 3, 7, 64, 10_000]) {
  test(`chunks of ${size} bytes give the same frames`, () => {
    const stream = Buffer.concat(frames.flatMap((frame) => encodeFrame(frame)));
    const reader = new FrameReader<{ kind: string }>();
    const read: Frame<{ kind: string }>[] = [];
    for (let at = 0; at < stream.length; at += size) read.push(...reader.push(stream.subarray(at, at + size)));
    assert.deepEqual(
      read.map(({ header, body }) => ({ header, body: Uint8Array.from(body) })),
      frames,
    );
  });
}
