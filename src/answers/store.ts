/**
 * The only door to SQLite: a file with a row for each photo whose category a user was asked for before the model's
 * answer was shown. Several services may share one file on one machine.
 */
import { DatabaseSync } from "node:sqlite";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";

export interface AnswerRow {
  /** Of the photo's bytes; the photo itself is not here. */
  readonly photoSha256: string;
  readonly modelSha256: string;
  /** ISO 8601. */
  readonly answeredAt: string;
  /** What the user said. */
  readonly category: string;
  /** What the model said, and its probabilities (0..1) of that and of the user's category. */
  readonly predicted: string;
  readonly confidence: number;
  readonly categoryProbability: number;
}

export interface AnswerStore {
  /**
   * Keeps an answer. The first one about a photo and a model counts: later ones may know what the model said.
   * @throws ANSWERS_UNUSABLE, after a tenth of a second where another process locks the file
   */
  add(row: AnswerRow): "added" | "repeated" | "full";
  close(): void;
}

/** "flcm" as a number: tells our files from other SQLite files. */
const applicationId = 0x666c636d;
const version = 1;
/** A bound on what clients can make the file grow to, about 250 MB. */
const mostRows = 1_000_000;
/** Opening can wait for another service that begins the file; an answer holds up all requests meanwhile. */
const openWaitMs = 2000;
const addWaitMs = 100;

/** Two services may begin the same file at the same time. */
const schema = `CREATE TABLE IF NOT EXISTS answers (
  photoSha256 TEXT NOT NULL,
  modelSha256 TEXT NOT NULL,
  answeredAt TEXT NOT NULL,
  category TEXT NOT NULL,
  predicted TEXT NOT NULL,
  confidence REAL NOT NULL,
  categoryProbability REAL NOT NULL,
  PRIMARY KEY (photoSha256, modelSha256)
) STRICT, WITHOUT ROWID`;

/** Opens the file, or makes it. @throws ANSWERS_UNUSABLE */
export function openAnswers(path: string, maxRows = mostRows): AnswerStore {
  return guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: openWaitMs });
    try {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      prepare(database);
      database.exec(`PRAGMA busy_timeout = ${addWaitMs}`);
    } catch (error) {
      database.close();
      throw error;
    }
    let rows = Number(database.prepare("SELECT count(*) AS count FROM answers").get()!.count);
    const insert = database.prepare(
      `INSERT OR IGNORE INTO answers VALUES
       (:photoSha256, :modelSha256, :answeredAt, :category, :predicted, :confidence, :categoryProbability)`,
    );
    return {
      add: (row) =>
        guarded(path, () => {
          if (rows >= maxRows) return "full";
          const { changes } = insert.run({ ...row });
          rows += Number(changes);
          return changes === 1 ? "added" : "repeated";
        }),
      close: () => database.close(),
    };
  });
}

/** All answers of a file, the oldest first. @throws ANSWERS_UNUSABLE */
export function readAnswers(path: string): AnswerRow[] {
  return guarded(path, () => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      checkKind(database);
      const rows = database.prepare("SELECT * FROM answers ORDER BY answeredAt, photoSha256").all();
      return rows.map((row) => ({ ...row }) as unknown as AnswerRow);
    } finally {
      database.close();
    }
  });
}

function prepare(database: DatabaseSync): void {
  const isNew = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()!.count === 0;
  if (isNew)
    database.exec(`BEGIN IMMEDIATE; ${schema};
      PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; COMMIT`);
  checkKind(database);
}

function checkKind(database: DatabaseSync): void {
  const read = (name: string) => database.prepare(`PRAGMA ${name}`).get()![name];
  if (read("application_id") !== applicationId) throw new Error("it is another program's file");
  if (read("user_version") !== version) throw new Error(`it is of version ${read("user_version")}, not ${version}`);
}

function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new FulcrumError("ANSWERS_UNUSABLE", { path, problem: problemOf(cause) }, { cause });
  }
}
