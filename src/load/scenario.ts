/** A load scenario in a file of its own: the same keys as under `loads` of fulcrum.yaml. Pure. */
import { parseDocument } from "yaml";
import { z } from "zod";
import { type LoadScenario, loadScenario } from "../config/load.ts";
import { originalMinutes } from "../config/presets.ts";
import { FulcrumError } from "../errors/index.ts";

/** The original's 30 minutes. */
export const originalScenario: LoadScenario = loadScenario.parse({
  name: "original",
  kind: "series",
  minutes: originalMinutes,
});

/**
 * Parses the text of a scenario file.
 * @param path used in messages only
 * @throws LOAD_SCENARIO_INVALID
 */
export function parseScenario(text: string, path: string): LoadScenario {
  const document = parseDocument(text);
  const syntax = document.errors[0];
  if (syntax) throw new FulcrumError("LOAD_SCENARIO_INVALID", { path, problem: syntax.message });
  const result = loadScenario.safeParse(document.toJS());
  if (!result.success)
    throw new FulcrumError("LOAD_SCENARIO_INVALID", { path, problem: z.prettifyError(result.error) });
  return result.data;
}
