/**
 * Live accuracy: a share of uploads is asked for the category before the model's answer is shown. Which ones follows
 * from the photo's hash alone, so that any replica decides the same without having to remember anything: the client
 * sends the photo again with the category. Clients that do not say that they can be asked never are.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AnswerStore } from "../answers/index.ts";
import { writeFileAtomic } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import { FulcrumError } from "../errors/index.ts";
import type { Answer } from "./pool.ts";
import type { Question } from "./schemas.ts";

export interface LiveOptions {
  /** 0..1 of uploads. */
  readonly share: number;
  readonly store: AnswerStore;
  /** Folder for the photos themselves; undefined: they are not kept. */
  readonly photoDir: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  counted(outcome: LiveOutcome): void;
}

/** What became of a question. */
export type LiveOutcome = "asked" | "right" | "wrong" | "skipped" | "repeated";

export interface LiveAccuracy {
  /**
   * What to ask in place of the answer; undefined where the answer is to be shown.
   * @param category what the client says the photo shows; "" to skip; undefined before it was asked
   * @throws SERVE_BAD_PARAMETER for a category that is no class
   */
  ask(photo: Uint8Array, answer: Answer, category: string | undefined): Promise<Question | undefined>;
}

/** True for `share` of all photos, always the same ones. @param hash SHA-256 in hex */
export function isAsked(hash: string, share: number): boolean {
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32 < share;
}

export function liveAccuracy({ share, store, photoDir, now, counted }: LiveOptions): LiveAccuracy {
  return {
    async ask(photo, answer, category) {
      const { classes, sha256: modelSha256 } = answer.model;
      if (category !== undefined && category !== "" && !classes.includes(category)) {
        const allowed = `the model's classes are ${classes.join(", ")}; empty to skip`;
        throw new FulcrumError("SERVE_BAD_PARAMETER", { name: "category", value: JSON.stringify(category), allowed });
      }
      const photoSha256 = sha256(photo);
      if (!isAsked(photoSha256, share)) return undefined;
      if (category === undefined) {
        counted("asked");
        return { question: "Which class is it?", classes: [...classes], keepsPhoto: photoDir !== undefined };
      }
      if (category === "") {
        counted("skipped");
        return undefined;
      }
      const { probabilities } = answer;
      const best = probabilities.reduce((top, value, i) => (value > probabilities[top]! ? i : top), 0);
      const isNew = store.add({
        photoSha256,
        modelSha256,
        answeredAt: new Date(now()).toISOString(),
        category,
        predicted: classes[best]!,
        confidence: probabilities[best]!,
        categoryProbability: probabilities[classes.indexOf(category)]!,
      });
      counted(isNew ? (classes[best] === category ? "right" : "wrong") : "repeated");
      if (isNew && photoDir !== undefined) await keep(photoDir, photoSha256, photo);
      return undefined;
    },
  };
}

/** One file a photo; its name is its hash, its format is in its bytes. */
async function keep(dir: string, hash: string, photo: Uint8Array): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFileAtomic(join(dir, hash), photo);
}
