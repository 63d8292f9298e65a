/**
 * Images for the cluster tests, on every node of the running lab: lab.local/food:1 and lab.local/food:2, the service with
 * a model whose answers are known (test/kit/toy-model.ts), and the same under a second name for updates; lab.local/keras:1,
 * the service with an imported Keras file.
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

const fulcrum = join(projectDir, "fulcrum");
const dir = await mkdtemp(join(tmpdir(), "fulcrum-lab-"));
function provide(model: string, tag: string): void {
  const image = join(dir, "image.tar");
  run(fulcrum, "image", "build", model, "--out", image, "--tag", tag, "--compression", "none");
  run(lab, "import", image);
}
try {
  const [toy, keras] = [join(dir, "toy.onnx"), join(dir, "keras.onnx")];
  await writeFile(toy, toyModelFile());
  run(fulcrum, "import", join(projectDir, "test/fixtures/keras/tiny.k214.h5"), "--out", keras, "--classes", "a,b,c");
  provide(toy, first);
  provide(keras, "lab.local/keras:1");
  const nodes = process.env.LAB_NODES ?? "3";
  for (let node = 1; node <= Number(nodes); node++) {
    run(lab, "node", String(node), "ctr", "-n", "k8s.io", "images", "tag", first, second);
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
