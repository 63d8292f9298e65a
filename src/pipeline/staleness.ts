/** Which tasks are stale, and why in words. Pure: hashes in, states out. */

export interface TaskState {
  readonly id: string;
  readonly state: "done" | "stale" | "missing";
  /** Empty for "done". */
  readonly reasons: readonly string[];
}

/**
 * Compares a record's input hashes with today's.
 * @param recorded inputs of the record, or undefined where there is no record
 * @param current inputs as they are now; null for a task that has to run first
 */
export function stateOf(
  id: string,
  recorded: Readonly<Record<string, string>> | undefined,
  current: Readonly<Record<string, string | null>>,
): TaskState {
  if (!recorded) return { id, state: "missing", reasons: ["it has not run yet"] };
  const names = new Set([...Object.keys(recorded), ...Object.keys(current)]);
  const reasons = [...names].flatMap((name) => {
    if (current[name] === null) return [`${name} has to run first`];
    if (recorded[name] === undefined) return [`${name} is a new input`];
    if (current[name] === undefined) return [`${name} is no longer an input`];
    return recorded[name] === current[name] ? [] : [`${name} changed`];
  });
  return { id, state: reasons.length > 0 ? "stale" : "done", reasons };
}
