/** The envelope of every record: what it is, what it was made from, on what, and when. */
import { z } from "zod";
import { FulcrumError } from "../errors/index.ts";

const machine = z.object({
  platform: z.string(),
  kernel: z.string(),
  cpuModel: z.string(),
  cpuCount: z.number(),
  cpuFeatures: z.array(z.string()),
  memoryBytes: z.number(),
  node: z.string(),
});

const header = z.object({
  kind: z.string(),
  version: z.int(),
  /** ISO 8601 time at which the record was written. */
  createdAt: z.string(),
  fulcrum: z.string(),
  machine,
  seed: z.number(),
  /** What the body was made from: input name -> SHA-256. A record is stale when one of them changed. */
  inputs: z.record(z.string(), z.string()),
  /** Wall-clock seconds that the stage took, resumed parts included. */
  seconds: z.number(),
});

export type RecordHeader = z.output<typeof header>;
export type RecordOf<Body> = RecordHeader & { readonly body: Body };

/** A kind of record: a name, a version of its form, and the schema of its body. */
export interface RecordKind<Body> {
  readonly kind: string;
  readonly version: number;
  readonly body: z.ZodType<Body>;
}

export function defineRecord<Body>(kind: string, version: number, body: z.ZodType<Body>): RecordKind<Body> {
  return { kind, version, body };
}

/** Text of a record file. */
export function renderRecord<Body>(record: RecordOf<Body>): string {
  return `${JSON.stringify(record, null, 1)}\n`;
}

/**
 * Reads a record's text.
 * @throws RUN_RECORD_INVALID when it is no JSON, of another kind or version, or its body does not fit
 */
export function parseRecord<Body>(kind: RecordKind<Body>, text: string, path: string): RecordOf<Body> {
  const fail = (problem: string) =>
    new FulcrumError("RUN_RECORD_INVALID", { path, kind: `${kind.kind}@${kind.version}`, problem });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fail("it is not JSON");
  }
  const head = header.safeParse(json);
  if (!head.success) throw fail(z.prettifyError(head.error));
  if (head.data.kind !== kind.kind || head.data.version !== kind.version) {
    throw fail(`it is ${head.data.kind}@${head.data.version}`);
  }
  const body = kind.body.safeParse((json as { body?: unknown }).body);
  if (!body.success) throw fail(z.prettifyError(body.error));
  return { ...head.data, body: body.data };
}
