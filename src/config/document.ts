/** The schema as text: the commented fulcrum.yaml of `init`, and docs/configuration.md. Pure. */
import { stringify } from "yaml";
import { z } from "zod";
import { type ProjectInput, project } from "./project.ts";

interface SchemaNode {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

const projectSchema = () => z.toJSONSchema(project, { io: "input", unrepresentable: "any" }) as SchemaNode;

/** A project file with each key's meaning beside it. */
export function renderProjectFile(input: ProjectInput, preset: string): string {
  const header = `# fulcrum.yaml (preset: ${preset}). Every key is in docs/configuration.md; \`fulcrum run\` does what it says.\n\n`;
  return (
    header + renderMapping(JSON.parse(JSON.stringify(input)) as Record<string, unknown>, projectSchema(), "", new Set())
  );
}

/** Comments come at a key's first appearance only: the second candidate needs no second explanation. */
function renderMapping(value: Record<string, unknown>, schema: SchemaNode, indent: string, seen: Set<string>): string {
  return Object.entries(value)
    .map(([key, item]) => renderEntry(key, item, propertyOf(schema, key), indent, seen) + (indent === "" ? "\n" : ""))
    .join("");
}

function renderEntry(key: string, item: unknown, schema: SchemaNode, indent: string, seen: Set<string>): string {
  const note = schema.description ?? "";
  const isNew = note !== "" && !seen.has(`${key}:${note}`);
  seen.add(`${key}:${note}`);
  const comment = isNew ? `${indent}# ${note}\n` : "";
  if (isMapping(item)) return `${comment}${indent}${key}:\n${renderMapping(item, schema, `${indent}  `, seen)}`;
  if (!Array.isArray(item) || !item.every(isMapping)) return `${comment}${indent}${key}: ${inline(item)}\n`;
  const items = item.map((entry) => {
    const body = renderMapping(entry, schema.items ?? {}, `${indent}    `, seen);
    return firstKeyOnDash(body, indent);
  });
  return `${comment}${indent}${key}:\n${items.join("")}`;
}

/** Puts the dash of a list item before its first key; comments stay above. */
function firstKeyOnDash(body: string, indent: string): string {
  const lines = body.split("\n");
  const first = lines.findIndex((line) => !line.trimStart().startsWith("#"));
  lines[first] = `${indent}  - ${lines[first]!.trimStart()}`;
  return lines.map((line, i) => (i < first ? line.replace(/^ {2}/, "") : line)).join("\n");
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function alternatives(schema: SchemaNode): readonly SchemaNode[] {
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(alternatives)];
}

function propertyOf(schema: SchemaNode, key: string): SchemaNode {
  return alternatives(schema).find((option) => option.properties?.[key])?.properties?.[key] ?? {};
}

/** docs/configuration.md: every key with its meaning, default and allowed values. */
export function renderConfigurationDocs(): string {
  const rows = documentKeys(projectSchema(), "");
  return [
    "# fulcrum.yaml",
    "",
    "Made from the schema in `src/config/` by `tools/docs.ts`; do not edit. Unknown keys are errors.",
    "Any key can be overridden for one run: `fulcrum run --set candidates.0.head.epochs=5`.",
    "",
    "| key | meaning | default | allowed |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function documentKeys(schema: SchemaNode, path: string): string[] {
  const rows = alternatives(schema).flatMap((option) =>
    Object.entries(option.properties ?? {}).flatMap(([key, property]) => {
      const name = path ? `${path}.${key}` : key;
      const row = `| \`${name}\` | ${property.description ?? ""} | ${defaultOf(property, option, key)} | ${allowedOf(property)} |`;
      return [
        row,
        ...alternatives(property).flatMap((inner) =>
          documentKeys(inner.items ?? inner, inner.items ? `${name}[]` : name),
        ),
      ];
    }),
  );
  return [...new Set(rows)];
}

function defaultOf(property: SchemaNode, parent: SchemaNode, key: string): string {
  if (parent.required?.includes(key)) return "required";
  const value = property.default;
  if (value === undefined) return "";
  return isMapping(value) || (Array.isArray(value) && value.some(isMapping))
    ? "see below"
    : `\`${JSON.stringify(value)}\``;
}

function allowedOf(property: SchemaNode): string {
  const parts = alternatives(property).flatMap((option) => {
    if (option.enum) return option.enum.map((name) => `\`${name}\``);
    if (option.const !== undefined) return [`\`${option.const}\``];
    if (option.type === "object" || option.type === "array" || option.type === undefined) return [];
    return [option.type + rangeOf(option)];
  });
  return [...new Set(parts)].join(", ");
}

function rangeOf({ minimum, maximum }: SchemaNode): string {
  const isBound = (value: number | undefined): value is number =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (isBound(minimum) && isBound(maximum)) return ` ${minimum}..${maximum}`;
  if (isBound(minimum)) return ` >= ${minimum}`;
  return isBound(maximum) ? ` <= ${maximum}` : "";
}
