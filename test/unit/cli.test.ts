/** The command line as a user meets it: help, versions, misspelt words, exit codes, what is loaded. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { flagsOf, parseOptions } from "../../src/cli/flags.ts";
import { parseCall } from "../../src/cli/parse.ts";
import { defineVerb } from "../../src/cli/verb.ts";
import { verbLoaders } from "../../src/cli/verbs.ts";
import { projectDir } from "../../src/config/paths.ts";
import { presets } from "../../src/config/presets.ts";

const scratch = mkdtempSync(join(tmpdir(), "fulcrum-cli-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
const main = join(projectDir, "src/cli/main.ts");
const recorder = join(projectDir, "test/kit/record-imports.ts");

function fulcrum(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: scratch, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("--version prints the version of package.json", () => {
  assert.equal(fulcrum("--version").stdout, `${manifest.version}\n`);
});

test("a reader that has gone ends a command quietly", async () => {
  // The pipe's reader is closed before the command starts, so that its first line meets EPIPE.
  const command = `{ sleep 1; "$0" "$@"; echo "status $?" >&2; } | true`;
  for (const args of [["--help"], ["report", "--help"]]) {
    const { stderr } = spawnSync("bash", ["-c", command, process.execPath, main, ...args], { encoding: "utf8" });
    assert.equal(stderr, "status 0\n", args.join(" "));
  }
});

test("--help lists every verb", () => {
  const { status, stdout } = fulcrum("--help");
  assert.equal(status, 0);
  for (const name of Object.keys(verbLoaders)) assert.match(stdout, new RegExp(`^ {2}${name} +\\S`, "m"));
});

test("every verb has a description and an example of its use", async () => {
  for (const [name, load] of Object.entries(verbLoaders)) {
    const { verb } = await load();
    assert.ok(verb.description.length > 40, name);
    assert.ok(verb.examples.length > 0 && verb.examples.some((line) => line.includes(`fulcrum ${name}`)), name);
  }
});

test("help loads neither ONNX Runtime nor sharp, Fastify or ECharts", () => {
  for (const args of [
    ["--help"],
    ["--version"],
    ...Object.keys(verbLoaders).map((name) => [...name.split(" "), "--help"]),
  ]) {
    const child = spawnSync(process.execPath, ["--import", recorder, main, ...args], {
      cwd: scratch,
      encoding: "utf8",
    });
    assert.equal(child.status, 0, `${args.join(" ")}: ${child.stderr}`);
    const loaded = /^loaded: (.*)$/m.exec(child.stderr)![1]!.split(" ");
    const heavy = ["onnxruntime-node", "sharp", "fastify", "echarts", "@kubernetes/client-node"];
    assert.deepEqual(
      loaded.filter((name) => heavy.includes(name)),
      [],
      args.join(" "),
    );
  }
});

test("unknown verbs and flags name the nearest one and exit with 2", () => {
  const verb = fulcrum("tarin");
  assert.equal(verb.status, 2);
  assert.match(verb.stderr, /Unknown command "tarin"\. Did you mean train\?/);
  const flag = fulcrum("run", "--confg", "x.yaml");
  assert.equal(flag.status, 2);
  assert.match(flag.stderr, /Unknown flag --confg for `fulcrum run`\. Did you mean --config\?/);
});

test("a missing project file says what to do; --json gives the error as JSON", () => {
  const { status, stdout, stderr } = fulcrum("run", "--json");
  assert.equal(status, 2);
  assert.match(stderr, /No project file at fulcrum\.yaml\. Next: run `fulcrum init`/);
  assert.equal(JSON.parse(stdout).error.code, "CONFIG_MISSING");
});

test("init writes a file that it does not overwrite, and status reads it", () => {
  assert.equal(fulcrum("init", "--data", "nowhere").status, 0);
  assert.equal(fulcrum("init").status, 2);
  const status = fulcrum("status");
  assert.equal(status.status, 3);
  assert.match(status.stderr, /DATA_DIR_MISSING/);
});

const sample = defineVerb({
  summary: "Sample",
  description: "Sample",
  arguments: [{ usage: "<name>", description: "Name" }],
  options: z.object({
    batchSize: z.int().min(1).default(32).describe("Photos a step"),
    shape: z.enum(["single", "max"]).default("single").describe("Shape"),
    keep: z.boolean().default(true).describe("Keep"),
    tag: z.array(z.string()).default([]).describe("Tags"),
    size: z.union([z.string(), z.number()]).optional().describe("Size"),
  }),
  short: { batchSize: "b" },
  examples: ["fulcrum sample x"],
  run: async () => undefined,
});

test("flags come from the schema", () => {
  const flags = flagsOf(sample).map(({ long, kind, defaultText }) => [long, kind, defaultText]);
  assert.deepEqual(flags, [
    ["--batch-size", "number", "32"],
    ["--shape", "text", "single"],
    ["--keep", "boolean", "true"],
    ["--tag", "list", undefined],
    ["--size", "text", undefined],
  ]);
});

test("words become checked options", () => {
  const call = parseCall("sample", sample, ["-b", "8", "--no-keep", "--tag", "a", "--tag", "b", "food"]);
  assert.deepEqual(call.args, ["food"]);
  assert.deepEqual(call.options, { batchSize: 8, shape: "single", keep: false, tag: ["a", "b"] });
  assert.throws(() => parseOptions(sample, { batchSize: "many" }), {
    code: "CLI_BAD_VALUE",
    message: /--batch-size got "many"/,
  });
  assert.throws(() => parseOptions(sample, { shape: "triple" }), { code: "CLI_BAD_VALUE" });
  assert.throws(() => parseCall("sample", sample, []), { code: "CLI_USAGE" });
});

test("init writes every preset", () => {
  for (const preset of Object.keys(presets)) {
    const out = join(scratch, `${preset}.yaml`);
    assert.equal(fulcrum("init", "--preset", preset, "--out", out).status, 0, preset);
  }
});
