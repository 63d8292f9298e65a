/** events.jsonl: what happened on the platform, a JSON object a line. Pure. */
import { z } from "zod";
import { FulcrumError } from "../errors/index.ts";
import { type PlatformEvent, platformEvent } from "../records/measurement.ts";

export function renderEventsJsonl(events: readonly PlatformEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

/**
 * @param path used in messages only
 * @throws LOAD_FILE_INVALID
 */
export function parseEventsJsonl(text: string, path: string): PlatformEvent[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const result = z.string().transform(parseJson).pipe(platformEvent).safeParse(line);
    if (result.success) return [result.data];
    const problem = z.prettifyError(result.error);
    throw new FulcrumError("LOAD_FILE_INVALID", { path, line: index + 1, expected: "event", problem });
  });
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "it is not JSON" });
    return z.NEVER;
  }
}
