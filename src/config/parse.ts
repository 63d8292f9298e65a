/** Text of a project file -> checked project, with every problem by line. Pure. */
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { nearestHint } from "../base/nearest.ts";
import { FulcrumError } from "../errors/index.ts";
import { type Project, project } from "./project.ts";

/** `candidates[1].head.epochs=5`, as --set takes it. */
export interface Override {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * Parses and checks the text of a fulcrum.yaml.
 * @param path used in messages only
 * @throws CONFIG_INVALID listing each problem as "line N, key: what; allowed; nearest name"
 */
export function parseProject(text: string, path: string, overrides: readonly Override[] = []): Project {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw invalid(
      path,
      document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.message}`),
    );
  }
  for (const { path: key, value } of overrides) document.setIn(key, value);
  const result = project.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  throw invalid(
    path,
    result.error.issues.flatMap((issue) => describe(issue, document, lines)),
  );
}

function invalid(path: string, problems: readonly string[]): FulcrumError {
  return new FulcrumError("CONFIG_INVALID", {
    path,
    count: problems.length,
    problems: problems.map((p) => `  ${p}`).join("\n"),
  });
}

function describe(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): string[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(path);
    return issue.keys.map((key) => {
      const hint = nearestHint(key, allowed) || ` Allowed: ${allowed.join(", ")}.`;
      return `${place([...path, key], document, lines)}: unknown key.${hint}`;
    });
  }
  const value = document.getIn(path);
  const got = value === undefined || typeof value === "object" ? "" : ` (got ${JSON.stringify(value)})`;
  return [`${place(path, document, lines)}: ${issue.message}${got}`];
}

/** "line 12, candidates[0].head.epochs"; the nearest enclosing line where the key itself is missing. */
function place(path: readonly (string | number)[], document: Document, lines: LineCounter): string {
  const name = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset !== undefined) return `line ${lines.linePos(offset).line}, ${name}`;
  }
  return name || "the file";
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** Names allowed at a path of the schema. */
function keysAt(path: readonly (string | number)[]): string[] {
  let nodes = [z.toJSONSchema(project, { io: "input", unrepresentable: "any" }) as SchemaNode];
  const open = (node: SchemaNode): SchemaNode[] => [
    node,
    ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(open),
  ];
  for (const part of path) {
    nodes = nodes.flatMap(open).flatMap((node) => {
      const next = typeof part === "number" ? node.items : node.properties?.[part];
      return next ? [next] : [];
    });
  }
  return [...new Set(nodes.flatMap(open).flatMap((node) => Object.keys(node.properties ?? {})))];
}

/**
 * Parses `key.path=value`; the value is read as YAML, so numbers, lists and null are what they look like.
 * @throws CLI_BAD_VALUE
 */
export function parseOverride(text: string): Override {
  const match = /^([^=]+)=(.*)$/s.exec(text);
  if (!match)
    throw new FulcrumError("CLI_BAD_VALUE", {
      flag: "--set",
      value: text,
      allowed: "KEY=VALUE, as candidates.0.head.epochs=5",
    });
  const path = match[1]!
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { path, value: parseDocument(match[2]!).toJS() as unknown };
}
