/**
 * Kubernetes' strategic merge: a patch that looks like the object and says only what differs. Pure.
 *
 * - Mappings merge key by key; null takes a key away.
 * - Lists that merge-keys.ts names merge item by item; an item with `$patch: delete` is taken away, an item
 *   `$patch: replace` makes the patch's list the whole list. All other lists are replaced.
 * - `$patch: replace` in a mapping replaces it whole, `$patch: delete` empties it.
 *
 * Unlike the API server, items that the object has keep their place and new ones come last. Other directives
 * (`$retainKeys`, `$setElementOrder`, `$deleteFromPrimitiveList`) are for programs and are refused.
 */
import type { FieldRule, MergeRules } from "./merge-keys.ts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** What is wrong with a patch, and where. */
export class PatchError extends Error {
  override readonly name = "PatchError";
}

const directive = "$patch";

/** @throws PatchError */
export function mergeObject(original: JsonObject, patch: JsonObject, rules: MergeRules, path = ""): JsonObject {
  const how = directiveOf(patch, path, ["merge", "replace", "delete"]);
  if (how === "delete") return {};
  if (how === "replace") return withoutDirectives(patch);
  const merged: Record<string, Json> = { ...original };
  for (const [key, value] of Object.entries(patch)) {
    if (key === directive) continue;
    const here = path === "" ? key : `${path}.${key}`;
    if (key.startsWith("$")) throw new PatchError(`${here}: this directive is not known; there is ${directive}`);
    if (value === null) delete merged[key];
    else merged[key] = mergeValue(merged[key], value, rules[key] ?? {}, here);
  }
  return merged;
}

function mergeValue(original: Json | undefined, patch: Json, rule: FieldRule, path: string): Json {
  if (isList(patch)) {
    if (rule.mergeKey === undefined) return patch;
    const before = isList(original) ? original : [];
    return rule.mergeKey === "" ? [...new Set([...patch, ...before])] : mergeList(before, patch, rule, path);
  }
  if (isObject(patch)) return mergeObject(isObject(original) ? original : {}, patch, rule.inside ?? {}, path);
  return patch;
}

function mergeList(original: readonly Json[], patch: readonly Json[], rule: FieldRule, path: string): Json[] {
  const key = rule.mergeKey!;
  const items = patch.map((item, i) => {
    if (!isObject(item)) throw new PatchError(`${path}[${i}]: the items are mappings with ${key}`);
    return item;
  });
  const replaces = items.some((item) => item[directive] === "replace" && item[key] === undefined);
  const merged: Json[] = replaces ? [] : [...original];
  items.forEach((item, i) => {
    const here = `${path}[${i}]`;
    const how = directiveOf(item, here, ["merge", "replace", "delete"]);
    if (how === "replace" && item[key] === undefined) return;
    if (item[key] === undefined) throw new PatchError(`${here}: ${key} is missing, which says which item is meant`);
    const at = merged.findIndex((other) => isObject(other) && other[key] === item[key]);
    if (how === "delete") merged.splice(at, at < 0 ? 0 : 1);
    else if (at < 0) merged.push(mergeObject({}, item, rule.inside ?? {}, here));
    else merged[at] = mergeObject(merged[at] as JsonObject, item, rule.inside ?? {}, here);
  });
  return merged;
}

function directiveOf(patch: JsonObject, path: string, allowed: readonly string[]): string | undefined {
  const value = patch[directive];
  if (value === undefined || (typeof value === "string" && allowed.includes(value))) return value;
  throw new PatchError(`${path}.${directive} is ${JSON.stringify(value)}; allowed: ${allowed.join(", ")}`);
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== directive));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
