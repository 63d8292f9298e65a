/** The nearest valid name, for messages about misspelt verbs, flags and keys. */
import { closest, distance } from "fastest-levenshtein";

/** " Did you mean X?", or nothing when no name is near. */
export function nearestHint(given: string, valid: readonly string[]): string {
  if (valid.length === 0) return "";
  const name = closest(given, valid);
  return distance(given, name) <= Math.max(2, Math.floor(name.length / 2)) ? ` Did you mean ${name}?` : "";
}
