/** `fulcrum data preview`: what augmentation makes of some photos, on one picture. */
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { readBytes, writeFileAtomic } from "../../base/files.ts";
import type { Candidate } from "../../config/candidate.ts";
import { loadProject } from "../../config/load-project.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { Preprocessing } from "../../records/preprocessing.ts";
import { defineVerb } from "../verb.ts";
import { projectOptions } from "./shared-options.ts";

export const verb = defineVerb({
  summary: "Show on one picture what a candidate's augmentation makes of photos",
  description:
    "Writes a contact sheet (PNG): a row a photo, first as the model sees it without augmentation, then randomly " +
    "changed versions, made by the code that training uses, from the project's seed.",
  arguments: [{ usage: "[candidate]", description: "Candidate; the first with augmentation where none is named" }],
  options: projectOptions.extend({
    out: z.string().default("preview.png").describe("Picture to write"),
    photos: z.int().min(1).max(50).default(6).describe("Photos, spread over the classes"),
    versions: z.int().min(1).max(50).default(7).describe("Changed versions of each"),
  }),
  examples: ["fulcrum data preview", "fulcrum data preview latency --photos 4 --out latency.png"],
  async run({ args, options, io }) {
    const { project, dataDir, path } = await loadProject(options.config, options.set);
    const candidate = chooseCandidate(project.candidates, args[0] as string | undefined);
    const { samplePhotos } = await import("../../data/index.ts");
    const paths = await samplePhotos(dataDir, options.photos);
    const preprocessing = await firstInput(candidate, path);
    const { seed } = project;
    const tiles = await makeTiles(dataDir, paths, candidate, { preprocessing, seed, versions: options.versions });
    const { contactSheet } = await import("../../augment/index.ts");
    const { encodePng } = await import("../../images/index.ts");
    const out = resolve(options.out);
    await writeFileAtomic(out, await encodePng(contactSheet(tiles.rows, tiles.size)));
    io.print(`${candidate.name}: ${paths.length} photos, ${options.versions} versions each: ${out}`);
    io.json({ candidate: candidate.name, out, photos: paths, versions: options.versions });
    return undefined;
  },
});

function chooseCandidate(candidates: readonly Candidate[], name: string | undefined): Candidate {
  const augmented = candidates.filter(({ augmentation }) => augmentation !== null);
  const chosen = name === undefined ? augmented[0] : augmented.find((candidate) => candidate.name === name);
  if (chosen) return chosen;
  const allowed = augmented.map((candidate) => candidate.name).join(", ") || "none: no candidate has augmentation";
  throw new FulcrumError("CLI_BAD_VALUE", { flag: "candidate", value: name ?? "(none)", allowed });
}

/** The model's input, or the first of several. */
async function firstInput(
  { model, bases: ids, preprocessing }: Candidate,
  projectPath: string,
): Promise<Preprocessing> {
  const { bases, planInputs } = await import("../../models/index.ts");
  const { importBase } = await import("../../import/index.ts");
  const all =
    model === null
      ? ids.map((id) => bases[id])
      : [(await importBase(resolve(dirname(projectPath), model.file), preprocessing)).base];
  return planInputs(preprocessing, all).inputs[0]!;
}

/** A row a photo: as it is, then its versions. */
async function makeTiles(
  dir: string,
  paths: readonly string[],
  candidate: Candidate,
  { preprocessing, seed, versions }: { preprocessing: Preprocessing; seed: number; versions: number },
): Promise<{ rows: Uint8Array[][]; size: number }> {
  const { planEpoch, preparePhotoVersion } = await import("../../augment/index.ts");
  const { decodePhoto, preparePhoto } = await import("../../images/index.ts");
  const augmentation = candidate.augmentation!;
  const { size } = preprocessing;
  const flow = { seed, count: paths.length, batchSize: candidate.head.batchSize, augmentation, size };
  const epochs = Array.from({ length: versions }, (_, epoch) => planEpoch(flow, epoch).flat());
  const rows = paths.map(async (path, index) => {
    const photo = await decodePhoto(await readBytes(join(dir, path)), path);
    const changed = epochs.map((items, epoch) => {
      const { transform } = items.find((item) => item.index === index)!;
      const version = { transform, size, seed: `${seed}/version ${epoch}/photo ${index}` };
      return preparePhotoVersion(photo, preprocessing, augmentation, version);
    });
    return [preparePhoto(photo, preprocessing), ...changed];
  });
  return { rows: await Promise.all(rows), size };
}
