/** The record of a task that has to be there already. */
import { join } from "node:path";
import { FulcrumError } from "../../errors/index.ts";
import type { RecordKind } from "../../records/record.ts";
import type { RunStore } from "../store.ts";

/** @throws RUN_RECORD_MISSING */
export async function needRecord<Body>(store: RunStore, taskId: string, kind: RecordKind<Body>): Promise<Body> {
  const record = await store.read(taskId, kind);
  if (!record)
    throw new FulcrumError("RUN_RECORD_MISSING", { path: join(store.dir, taskId, "record.json"), verb: "run" });
  return record.body;
}
