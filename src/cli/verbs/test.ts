/** `fulcrum test`: the project's own tests. */
import { spawn } from "node:child_process";
import { glob } from "node:fs/promises";
import { z } from "zod";
import { projectDir } from "../../config/paths.ts";
import { FulcrumError } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

/** What each folder of tests needs; files are run in this order. */
const suites = ["unit", "runtime", "http", "browser"] as const;

export const verb = defineVerb({
  summary: "Run fulcrum's own tests",
  description:
    "Runs test/unit (needs nothing), test/runtime (ONNX Runtime, sharp), test/http (loopback) and test/browser " +
    "(Chromium; skipped with the reason where it is missing). Tests that need the shared reference data say so. With " +
    "--cluster it runs test/cluster in their place: a real Kubernetes of three nodes is built (once, some minutes), started " +
    "on this machine (Linux, root) in namespaces of its own, and taken down at the end, also after Ctrl-C or a failure.",
  arguments: [
    {
      usage: "[suites...]",
      description: `Any of ${suites.join(", ")}; with --cluster: of its files, as faults; all where none is named`,
    },
  ],
  options: z.object({
    match: z.string().optional().describe("Only tests whose name matches this pattern"),
    cluster: z.boolean().default(false).describe("Test on a real Kubernetes cluster"),
    retries: z
      .int()
      .min(0)
      .max(5)
      .default(0)
      .describe("With --cluster: how often a file that failed is run again, on a new cluster"),
  }),
  examples: [
    "fulcrum test",
    "fulcrum test unit",
    "fulcrum test --match Wilson",
    "fulcrum test --cluster",
    "fulcrum test --cluster faults --retries 1",
  ],
  async run({ args, options, io }) {
    // Where no test of a file matches, Node runs its `after` without waiting for its `before`, and what that then opens
    // would keep the file's process alive for ever.
    const selection = options.match ? [`--test-name-pattern=${options.match}`, "--test-force-exit"] : [];
    const flags = ["--test", ...selection];
    const asked = (args[0] ?? []) as readonly string[];
    if (options.retries > 0 && !options.cluster) {
      throw new FulcrumError("CLI_USAGE", { problem: "--retries is for --cluster.", verb: "test" });
    }
    if (options.cluster) {
      const { testOnCluster } = await import("../test-on-cluster.ts");
      return testOnCluster({ asked, flags, retries: options.retries }, io);
    }
    const folders = asked.length > 0 ? asked : suites;
    const files: string[] = [];
    for (const folder of folders) {
      for await (const file of glob(`test/${folder}/**/*.test.ts`, { cwd: projectDir })) files.push(file);
    }
    const words = [...flags, "--test-concurrency=2", ...files.sort()];
    const child = spawn(process.execPath, words, { cwd: projectDir, stdio: "inherit" });
    io.signal.addEventListener("abort", () => child.kill("SIGINT"));
    return new Promise<number>((resolve) => child.on("exit", (exit) => resolve(exit ?? 1)));
  },
});
