/** Layers as bytes: order, owners and dates are fixed, and so is what compression gives. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { compress, packEntries } from "../../src/deploy/image/archive.ts";
import { type LayerEntry, orderEntries, textFile } from "../../src/deploy/image/layer-entry.ts";

async function headersOf(archive: Uint8Array): Promise<Header[]> {
  const headers: Header[] = [];
  const reader = extract();
  Readable.from([Buffer.from(archive)]).pipe(reader);
  for await (const entry of reader) {
    headers.push(entry.header);
    entry.resume();
  }
  return headers;
}

const program: LayerEntry = { kind: "file", path: "b/c/run", mode: 0o755, content: { bytes: Buffer.from("x") } };

test("folders come before what is in them, and those that nobody named are added", () => {
  const paths = orderEntries([program, textFile("a", ""), textFile("b-first", "")]).map(({ path }) => path);
  assert.deepEqual(paths, ["a", "b", "b-first", "b/c", "b/c/run"]);
});

test("of two entries for a path the later one counts", () => {
  const [entry] = orderEntries([textFile("a", "old"), { kind: "link", path: "a", target: "new" }]);
  assert.equal(entry!.kind, "link");
});

test("an archive says nothing of the machine: owner root, date 1970", async () => {
  const headers = await headersOf(await packEntries([program, { kind: "link", path: "lib", target: "usr/lib" }]));
  for (const { uid, gid, uname, gname, mtime } of headers) {
    assert.deepEqual(
      { uid, gid, uname, gname, mtime: mtime?.getTime() },
      { uid: 0, gid: 0, uname: "", gname: "", mtime: 0 },
    );
  }
  assert.deepEqual(
    headers.map(({ name, type, mode, linkname }) => [name, type, mode, linkname ?? null]),
    [
      ["b/", "directory", 0o755, null],
      ["b/c/", "directory", 0o755, null],
      ["b/c/run", "file", 0o755, null],
      ["lib", "symlink", 0o777, "usr/lib"],
    ],
  );
});

test("the order in which entries come does not matter", async () => {
  const entries = [program, textFile("a", "1"), textFile("z", "2")];
  assert.deepEqual(await packEntries(entries), await packEntries(entries.toReversed()));
});

test("what is a part of a larger buffer is compressed, too", async () => {
  const part = Buffer.from("--model--").subarray(2, 7);
  assert.equal(gunzipSync(await compress(part, 1)).toString(), "model");
});

test("compression gives the same bytes with any number of threads, and loses nothing", async () => {
  const bytes = Buffer.alloc(9 * 1024 ** 2)
    .fill(7)
    .map((value, i) => (i % 1000 === 0 ? i >> 10 : value));
  const one = await compress(bytes, 1);
  assert.deepEqual(await compress(bytes, 3), one);
  assert.ok(gunzipSync(one).equals(bytes));
});
