/** The reader of HTTP responses: whole messages, cut at every place, and what is none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ResponseReader } from "../../src/load/response-reader.ts";

interface Expected {
  readonly status: number | null;
  readonly bodyBytes: number;
  readonly isComplete: boolean;
  readonly staysOpen: boolean;
  readonly problem: string | null;
}

function read(pieces: readonly string[], hasEnded: boolean): Expected {
  const reader = new ResponseReader();
  for (const piece of pieces) reader.push(Buffer.from(piece, "latin1"));
  if (hasEnded) reader.end();
  const { status, bodyBytes, isComplete, staysOpen, problem } = reader;
  return { status, bodyBytes, isComplete, staysOpen, problem };
}

const whole = (status: number, bodyBytes: number, staysOpen: boolean): Expected => {
  return { status, bodyBytes, isComplete: true, staysOpen, problem: null };
};

/** What it is, the bytes, whether the server closes its side, and what is to be read. */
const messages: readonly [string, string, boolean, Expected][] = [
  ["length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, whole(200, 5, true)],
  [
    "length, closing",
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length:5\r\n\r\nhello",
    false,
    whole(200, 5, false),
  ],
  ["no body by length", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", false, whole(503, 0, true)],
  ["no body by status", "HTTP/1.1 204 No Content\r\n\r\n", false, whole(204, 0, true)],
  ["until the end", "HTTP/1.0 200 OK\r\n\r\nhello", true, whole(200, 5, false)],
  [
    "chunked with extension and trailer",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5;note=1\r\nhello\r\nA\r\n0123456789\r\n0\r\nDigest: x\r\n\r\n",
    false,
    whole(200, 15, true),
  ],
  [
    "chunked wins over length (RFC 9112, section 6.3)",
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    false,
    whole(200, 3, true),
  ],
  [
    "after an interim response",
    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    false,
    whole(200, 2, true),
  ],
];

for (const [name, text, hasEnded, expected] of messages) {
  test(`a response with a body: ${name}`, () => {
    assert.deepEqual(read([text], hasEnded), expected);
    for (let cut = 1; cut < text.length; cut++) {
      assert.deepEqual(read([text.slice(0, cut), text.slice(cut)], hasEnded), expected, `cut at ${cut}`);
    }
    assert.deepEqual(read([...text], hasEnded), expected, "byte by byte");
  });
}

test("a body that ends early is not whole", () => {
  const length = read(["HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"], true);
  assert.deepEqual(length, { ...whole(200, 5, true), isComplete: false });
  const chunked = read(["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"], true);
  assert.deepEqual(chunked, { ...whole(200, 5, true), isComplete: false });
  assert.equal(read(["HTTP/1.1 200 OK\r\nContent-Le"], true).status, null);
});

test("what is no response is told", () => {
  assert.equal(read(["SSH-2.0-OpenSSH_9.2\r\n\r\n"], false).problem, "not an HTTP/1 response");
  assert.equal(read(["HTTP/1.1 200 OK\r\nX: ", "y".repeat(70_000)], false).problem, "header too long");
  const chunk = (body: string) => read([`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`], false).problem;
  assert.equal(chunk("five\r\nhello\r\n"), "chunk without a size");
  assert.equal(chunk("2\r\nhello\r\n"), "chunk longer than its size");
});
