/** The project file that a search ends in: the default one with the two chosen candidates. Pure. */
import { type Candidate, candidate } from "../config/candidate.ts";
import { defaultProject } from "../config/presets.ts";
import type { ProjectInput } from "../config/project.ts";

/** The two models that the search chose. Where both knees are the same model it stands in both places. */
export function tunedProject(
  name: string,
  dataDir: string,
  seed: number,
  chosen: { accuracy: Candidate; latency: Candidate },
): ProjectInput {
  const project = defaultProject(name, dataDir);
  const [previous] = project.candidates;
  const roles = ["accuracy", "latency"] as const;
  return { ...project, seed, candidates: [previous!, ...roles.map((role) => asCandidate(chosen[role], role))] };
}

function asCandidate(arm: Candidate, role: "accuracy" | "latency"): ProjectInput["candidates"][number] {
  const { bases, name: _name, role: _role, ...choices } = arm;
  const plain = candidate.parse({ name: "x", bases });
  return { name: role, role, bases, ...(withoutDefaults(choices, { ...plain }) as object) };
}

/** The keys of an object whose values differ from the defaults, at every depth. */
function withoutDefaults(value: object, defaults: object): object {
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const other = (defaults as Record<string, unknown>)[key];
    if (JSON.stringify(item) === JSON.stringify(other)) return [];
    return [[key, isPlain(item) && isPlain(other) ? withoutDefaults(item, other) : item]];
  });
  return Object.fromEntries(entries);
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
