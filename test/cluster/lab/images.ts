/**
 * Images for the cluster tests, on every node of the running lab: lab.local/food:1 and lab.local/food:2, the service with
 * a model whose answers are known (test/kit/toy-model.ts), and the same under a second name for updates.
 * Run by `fulcrum test --cluster` outside of the lab's network: packages may have to be fetched.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectDir } from "../../../src/config/paths.ts";
import { toyModelFile } from "../../kit/toy-model.ts";

const lab = join(projectDir, "test", "cluster", "lab", "lab.sh");
const [first, second] = ["lab.local/food:1", "lab.local/food:2"];
const run = (file: string, ...words: string[]) =>
  execFileSync(file, words, { stdio: ["ignore", "inherit", "inherit"] });

const dir = await mkdtemp(join(tmpdir(), "fulcrum-lab-"));
try {
  const [model, image] = [join(dir, "toy.onnx"), join(dir, "image.tar")];
  await writeFile(model, toyModelFile());
  run(join(projectDir, "fulcrum"), "image", "build", model, "--out", image, "--tag", first, "--compression", "none");
  run(lab, "import", image);
  const nodes = process.env.LAB_NODES ?? "3";
  for (let node = 1; node <= Number(nodes); node++) {
    run(lab, "node", String(node), "ctr", "-n", "k8s.io", "images", "tag", first, second);
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
