/** `fulcrum predict`: classes of photos. */
import { availableParallelism } from "node:os";
import { z } from "zod";
import { readBytes } from "../../base/files.ts";
import { exitCodes, FulcrumError } from "../../errors/index.ts";
import type { Classifier } from "../../predict/index.ts";
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
  examples: [
    "fulcrum predict runs/food/train/latency/model.onnx pizza.jpg",
    "fulcrum predict runs/food/train/latency/model.onnx photos/*.jpg --json",
  ],
  async run({ args, options, io }) {
    const { openClassifier } = await import("../../predict/index.ts");
    const [modelPath, images] = args as [string, readonly string[]];
    const classifier = await openClassifier(modelPath, { threads: options.threads ?? availableParallelism() });
    const answers: Answer[] = [];
    try {
      for (const image of images) {
        io.signal.throwIfAborted();
        const answer = await classifyFile(classifier, image, options.top);
        if ("error" in answer) io.progress.note(answer.error.message);
        else io.print(renderAnswer(answer));
        answers.push(answer);
      }
    } finally {
      await classifier.dispose();
    }
    io.json(answers);
    return answers.some((answer) => "error" in answer) ? exitCodes.input : undefined;
  },
});

interface Classified {
  readonly image: string;
  readonly class: string;
  readonly confidence: number;
  readonly top: readonly { readonly class: string; readonly probability: number }[];
}

interface Failed {
  readonly image: string;
  readonly error: { readonly code: string; readonly message: string };
}

type Answer = Classified | Failed;

async function classifyFile(classifier: Classifier, image: string, count: number): Promise<Answer> {
  try {
    const [prediction] = await classifier.classifyPixels([await classifier.decode(await readBytes(image), image)]);
    const { probabilities, className, confidence } = prediction!;
    const ranked = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, count);
    const top = ranked.map((i) => ({ class: classifier.metadata.classes[i]!, probability: probabilities[i]! }));
    return { image, class: className, confidence, top };
  } catch (error) {
    if (!(error instanceof FulcrumError)) throw error;
    return { image, error: { code: error.code, message: error.message } };
  }
}

function renderAnswer({ image, top }: Classified): string {
  const shares = top.map(({ class: name, probability }) => `${name} ${(100 * probability).toFixed(1)} %`);
  return `${image}: ${shares.join(", ")}`;
}
