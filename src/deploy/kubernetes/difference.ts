/** What an apply would change: the object as it is against the API server's dry run. Pure. */
import type { KubeObject } from "../../cluster/index.ts";

export interface Difference {
  readonly kind: string;
  readonly name: string;
  readonly change: "create" | "change" | "none" | "remove";
  /** "spec.replicas: 1 -> 3", a line a field. */
  readonly fields: readonly string[];
}

/** Fields that the server keeps for itself. */
const serverOwned = ["status", "metadata.managedFields", "metadata.resourceVersion", "metadata.generation"];
const serverMade = [
  "metadata.uid",
  "metadata.creationTimestamp",
  "metadata.annotations.deployment.kubernetes.io/revision",
];

/** @param before undefined where the object is not there yet */
export function differenceOf(before: KubeObject | undefined, after: KubeObject): Difference {
  const { kind, metadata } = after;
  if (!before) return { kind, name: metadata.name, change: "create", fields: [] };
  const [old, young] = [flatten(before), flatten(after)];
  const paths = [...new Set([...old.keys(), ...young.keys()])].filter((path) => old.get(path) !== young.get(path));
  const fields = paths
    .sort()
    .map((path) => `${path}: ${old.get(path) ?? "(nothing)"} -> ${young.get(path) ?? "(nothing)"}`);
  return { kind, name: metadata.name, change: fields.length > 0 ? "change" : "none", fields };
}

/** Leaves by path, as "spec.template.spec.containers[0].image", empty maps and lists too; the server's own are left out. */
function flatten(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  if ([...serverOwned, ...serverMade].includes(path)) return into;
  if (isEmpty(value)) into.set(path, JSON.stringify(value));
  else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) flatten(item, `${path}[${i}]`, into);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) flatten(item, path === "" ? key : `${path}.${key}`, into);
  } else {
    into.set(path, JSON.stringify(value));
  }
  return into;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** As text for people: "Deployment web: change" with its fields below. */
export function renderDifferences(differences: readonly Difference[]): string {
  const sign = { create: "+", change: "~", none: "=", remove: "-" } as const;
  return differences
    .flatMap(({ kind, name, change, fields }) => [
      `${sign[change]} ${kind} ${name}: ${change === "none" ? "no change" : change}`,
      ...fields.map((field) => `    ${field}`),
    ])
    .join("\n");
}
