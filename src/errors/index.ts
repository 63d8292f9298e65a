/** FulcrumError: every error that a user or client can cause, by a stable code of the catalogue. */
import { catalogue, type ErrorCode } from "./catalogue.ts";
import { type ContextOf, type ErrorEntry, exitCodes, renderMessage } from "./table.ts";

export { catalogue, type ErrorCode } from "./catalogue.ts";
export { exitCodes } from "./table.ts";

type ContextFor<Code extends ErrorCode> = ContextOf<(typeof catalogue)[Code]["message"]>;

/** An expected failure. Broken invariants are not: they use `assert` and are bugs. */
export class FulcrumError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "FulcrumError";
  readonly code: Code;
  readonly context: Readonly<Record<string, string | number>>;

  /**
   * @param code entry of the catalogue
   * @param context a value for each `{placeholder}` of the entry's message
   */
  constructor(code: Code, context: ContextFor<Code>, options: { cause?: unknown } = {}) {
    super(renderMessage(catalogue[code].message, context), options);
    this.code = code;
    this.context = context;
  }

  /** Process exit code for this error. */
  get exitCode(): number {
    return exitCodes[catalogue[this.code].exit];
  }

  /** HTTP status for this error; 500 where the catalogue names none. */
  get httpStatus(): number {
    const entry: ErrorEntry = catalogue[this.code];
    return entry.http ?? 500;
  }
}

/** True for a FulcrumError, of the given code if one is given. */
export function isFulcrumError<Code extends ErrorCode>(error: unknown, code?: Code): error is FulcrumError<Code> {
  return error instanceof FulcrumError && (code === undefined || error.code === code);
}
