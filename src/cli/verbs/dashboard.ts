/** `fulcrum dashboard`: the live page of a run, read-only. */
import { resolve } from "node:path";
import { z } from "zod";
import { loadProject } from "../../config/load-project.ts";
import { defineVerb } from "../verb.ts";
import { projectOptions } from "./shared-options.ts";

export const verb = defineVerb({
  summary: "Show a run while it works: stages, curves, replicas, load, resources, log",
  description:
    "Serves a read-only page on this machine that follows the project's run, whether it has begun or not, and goes on " +
    "over a new start of it. It reads runs/NAME/live.jsonl; the run does not notice whether somebody looks. `demo` and " +
    "`run` start it by themselves (--no-live: not). Ends with Ctrl-C.",
  arguments: [],
  options: projectOptions.extend({
    run: z.string().nullable().default(null).describe("Folder of a run, in place of the project file's"),
    host: z.string().default("127.0.0.1").describe("Address to listen on; the page has no password"),
    port: z.int().min(0).max(65535).default(0).describe("Port; 0: any free one"),
    whileStdin: z.boolean().default(false).describe("End with standard input: for programs that start it"),
  }),
  examples: ["fulcrum dashboard", "fulcrum dashboard --port 8090", "fulcrum dashboard --run fulcrum-demo/runs/demo"],
  async run({ options, io }) {
    const { startDashboard } = await import("../../live/dashboard.ts");
    const runDir =
      options.run === null ? (await loadProject(options.config, options.set)).runDir : resolve(options.run);
    const dashboard = await startDashboard({ runDir, host: options.host, port: options.port });
    io.print(`Live page: ${dashboard.url}`);
    io.json({ url: dashboard.url, run: runDir });
    await ended(io.signal, options.whileStdin);
    await dashboard.close();
    return undefined;
  },
});

async function ended(signal: AbortSignal, whileStdin: boolean): Promise<void> {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => end());
  if (whileStdin) process.stdin.once("close", end).resume();
  return promise;
}
