/** The search's record on disk: read at the start, written whole after each trial. */
import { readFile } from "node:fs/promises";
import { type Clock, systemClock } from "../base/clock.ts";
import { writeFileAtomic } from "../base/files.ts";
import { describeMachine } from "../base/machine.ts";
import { fulcrumVersion } from "../base/version.ts";
import { isFulcrumError } from "../errors/index.ts";
import { parseRecord, renderRecord } from "../records/record.ts";
import { type Tuning, tuningRecord } from "../records/tuning.ts";

/** The earlier part of this search; null if there is none, or it was another one (other space, seed, photos, version). */
export async function readJournal(path: string, key: string): Promise<Tuning | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const { body } = parseRecord(tuningRecord, text, path);
    return body.key === key ? body : null;
  } catch (error) {
    if (isFulcrumError(error, "RUN_RECORD_INVALID")) return null;
    throw error;
  }
}

export async function writeJournal(
  path: string,
  body: Tuning,
  seed: number,
  clock: Clock = systemClock,
): Promise<void> {
  const record = {
    kind: tuningRecord.kind,
    version: tuningRecord.version,
    createdAt: new Date(clock.epochMs()).toISOString(),
    fulcrum: fulcrumVersion,
    machine: describeMachine(),
    seed,
    inputs: { search: body.key },
    seconds: body.spentSeconds,
    body,
  };
  await writeFileAtomic(path, renderRecord(record));
}
