/** `fulcrum predict`: classes of photos. */
import { availableParallelism } from "node:os";
import { z } from "zod";
import { readBytes } from "../../base/files.ts";
import { exitCodes, FulcrumError } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Classify photos with a model file",
  description:
    "Prints the class of each photo with its confidence and the runners-up. A photo that cannot be read is named, the " +
    "others go on, and the exit code is 3.",
  arguments: [
    { usage: "<model>", description: "Model file" },
    { usage: "<images...>", description: "Photos: JPEG, PNG or WebP" },
  ],
  options: z.object({
    top: z.int().min(1).max(100).default(3).describe("Classes to show"),
    threads: z.int().min(1).optional().describe("Threads; default: one a core"),
  }),
  examples: ["fulcrum predict runs/food/train/latency/model.onnx pizza.jpg"],
  async run({ args, options, io }) {
    const { openClassifier } = await import("../../predict/index.ts");
    const [modelPath, images] = args as [string, readonly string[]];
    const classifier = await openClassifier(modelPath, { threads: options.threads ?? availableParallelism() });
    const { classes } = classifier.metadata;
    const results = [];
    for (const image of images) {
      io.signal.throwIfAborted();
      try {
        const [prediction] = await classifier.classify([await readBytes(image)]);
        const { probabilities } = prediction!;
        const ranked = [...probabilities.keys()]
          .sort((a, b) => probabilities[b]! - probabilities[a]!)
          .slice(0, options.top);
        const top = ranked.map((i) => ({ class: classes[i]!, probability: probabilities[i]! }));
        io.print(`${image}: ${top.map((t) => `${t.class} ${(100 * t.probability).toFixed(1)} %`).join(", ")}`);
        results.push({ image, top });
      } catch (error) {
        if (!(error instanceof FulcrumError)) throw error;
        io.progress.note(`${image}: ${error.message}`);
        results.push({ image, error: { code: error.code, message: error.message } });
      }
    }
    await classifier.dispose();
    io.json(results);
    return results.some((result) => "error" in result) ? exitCodes.input : 0;
  },
});
