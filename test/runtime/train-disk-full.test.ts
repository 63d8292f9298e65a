/** Training on a disk that fills up: an error that names the file, the last good checkpoint kept, and no half of a file. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { projectDir } from "../../src/config/paths.ts";
import { type TrainOptions, trainCandidate } from "../../src/train/index.ts";
import { killTraining } from "../kit/kill-training.ts";
import { temporaryFolder } from "../kit/photos.ts";
import { smallCandidate, writeColourDataset } from "../kit/train.ts";

type Options = Omit<TrainOptions, "progress">;

/** Bytes of the shell's blocks: 512 by POSIX, 1024 in some shells. The test needs no more than the order of size. */
const blockBytes = 1024;

/** Trains where no file may become larger than this: a write is cut short and then fails, as on a full disk. */
async function trainWithin(bytes: number, options: Options): Promise<{ code: string; message: string }> {
  const optionsPath = join(options.outDir, "options.json");
  await mkdir(options.outDir, { recursive: true });
  await writeFile(optionsPath, JSON.stringify(options));
  const shell = `trap '' XFSZ; ulimit -f ${Math.floor(bytes / blockBytes)}; exec "$0" "$@"`;
  const script = join(projectDir, "test/kit/train-and-tell.ts");
  const { stdout, stderr } = spawnSync("bash", ["-c", shell, process.execPath, script, optionsPath], {
    encoding: "utf8",
    env: { ...process.env, NODE_COMPILE_CACHE: "" },
  });
  assert.match(stdout, /^\{/, `${stdout}${stderr}`);
  return JSON.parse(stdout);
}

async function tinyTraining(t: TestContext): Promise<Options> {
  const dir = await temporaryFolder(t);
  const candidate = smallCandidate({
    head: { epochs: 2, batchSize: 8 },
    unfreeze: { layers: 6 },
    fineTuning: { epochs: 2, batchSize: 8 },
    augmentation: { horizontalFlip: true, versions: 2 },
  });
  const dataset = await writeColourDataset(join(dir, "photos"), { training: 12, validation: 4 });
  const outDir = join(dir, "out");
  const featureDir = join(dir, "features");
  return { candidate, dataset, seed: 7, outDir, featureDir, threads: 1, checkpointSeconds: 0 };
}

const temporaries = async (dir: string) =>
  (await readdir(dir, { recursive: true })).filter((name) => name.endsWith(".tmp"));

test("a checkpoint that has no room: the one before stays, and training goes on from it to the same bytes", async (t) => {
  const options = await tinyTraining(t);
  const undisturbed = { ...options, outDir: `${options.outDir}-undisturbed` };
  const { model } = await trainCandidate({ ...undisturbed, progress: noProgress });
  // The head's checkpoints are small; those of fine-tuning hold millions of weights.
  const { code, message } = await trainWithin(2_000_000, options);
  assert.equal(code, "FILE_UNWRITABLE");
  const checkpoint = join(options.outDir, "checkpoint.bin");
  assert.match(message, /checkpoint\.bin/);
  assert.match((await readFile(checkpoint)).toString("latin1"), /"phase":"head"/);
  assert.deepEqual(await temporaries(options.outDir), []);
  const resumed = await trainCandidate({ ...options, progress: noProgress });
  assert.equal(resumed.model.sha256, model.sha256);
});

test("a bank that has no room: the whole chunks stay, and no part of another", async (t) => {
  const options = await tinyTraining(t);
  const { code, message } = await trainWithin(20_000, options);
  assert.equal(code, "FILE_UNWRITABLE");
  assert.match(message, /features/);
  assert.deepEqual(await temporaries(options.featureDir), []);
  assert.equal((await trainCandidate({ ...options, progress: noProgress })).fineTuning!.history.length, 2);
});

test("a kill during fine-tuning, then a full disk: the checkpoint of before the kill is not lost", async (t) => {
  const options = await tinyTraining(t);
  // 2 versions of 2 classes and the validation photos: 6 chunks; 8 units of head training; then fine-tuning.
  assert.equal(await killTraining(options, 17), "fine-tuning");
  const checkpoint = join(options.outDir, "checkpoint.bin");
  const before = await readFile(checkpoint);
  const { code } = await trainWithin(2_000_000, options);
  assert.equal(code, "FILE_UNWRITABLE");
  assert.ok((await readFile(checkpoint)).equals(before));
});
