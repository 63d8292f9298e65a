/**
 * Live accuracy: a share of uploads is asked for the category before the model's answer is shown. Which ones follows
 * from the photo's hash alone, so that any replica decides the same without having to remember anything: the client
 * sends the photo again with the category. Clients that do not say that they can be asked never are.
 */
import type { AnswerRow, AnswerStore } from "../answers/index.ts";
import { sha256 } from "../base/hash.ts";
import { FulcrumError } from "../errors/index.ts";
import type { PhotoFolder } from "./photo-folder.ts";
import type { Answer } from "./pool.ts";
import type { Question } from "./schemas.ts";

export interface LiveOptions {
  /** 0..1 of uploads. */
  readonly share: number;
  readonly store: AnswerStore;
  /** Where the photos themselves are kept; undefined: they are not. */
  readonly photos: PhotoFolder | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  counted(outcome: LiveOutcome): void;
  /** An answer could not be kept. */
  failed(error: unknown): void;
}

/** What became of a question; "full" and "failed": the answer could not be kept. */
export type LiveOutcome = "asked" | "right" | "wrong" | "skipped" | "repeated" | "full" | "failed";

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

export function liveAccuracy({ share, store, photos, now, counted, failed }: LiveOptions): LiveAccuracy {
  /** The photo first: a row whose photo is missing would look as if it had not been wanted. */
  const keep = async (photo: Uint8Array, row: AnswerRow): Promise<LiveOutcome> => {
    try {
      await photos?.keep(row.photoSha256, photo);
      const kept = store.add(row);
      return kept === "added" ? (row.predicted === row.category ? "right" : "wrong") : kept;
    } catch (error) {
      failed(error);
      return "failed";
    }
  };
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
        return { question: "Which class is it?", classes: [...classes], keepsPhoto: photos !== undefined };
      }
      if (category === "") {
        counted("skipped");
        return undefined;
      }
      const { probabilities } = answer;
      const best = probabilities.reduce((top, value, i) => (value > probabilities[top]! ? i : top), 0);
      const row = {
        photoSha256,
        modelSha256,
        answeredAt: new Date(now()).toISOString(),
        category,
        predicted: classes[best]!,
        confidence: probabilities[best]!,
        categoryProbability: probabilities[classes.indexOf(category)]!,
      };
      counted(await keep(photo, row));
      return undefined;
    },
  };
}
