/** The records of one run on disk: runs/NAME/TASK/record.json. */
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readText, writeFileAtomic } from "../base/files.ts";
import { parseRecord, type RecordKind, type RecordOf, renderRecord } from "../records/record.ts";

export interface RunStore {
  readonly dir: string;
  /** Folder of a task's record, made if it is not there. */
  dirOf(taskId: string): Promise<string>;
  /** The record, or undefined where there is none. Throws RUN_RECORD_INVALID for a broken one. */
  read<Body>(taskId: string, kind: RecordKind<Body>): Promise<RecordOf<Body> | undefined>;
  write<Body>(taskId: string, record: RecordOf<Body>): Promise<void>;
}

export function openRunStore(dir: string): RunStore {
  const pathOf = (taskId: string) => join(dir, taskId, "record.json");
  return {
    dir,
    async dirOf(taskId) {
      await mkdir(join(dir, taskId), { recursive: true });
      return join(dir, taskId);
    },
    async read(taskId, kind) {
      const path = pathOf(taskId);
      if (!(await exists(path))) return undefined;
      return parseRecord(kind, await readText(path), path);
    },
    async write(taskId, record) {
      await writeFileAtomic(pathOf(taskId), renderRecord(record));
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
