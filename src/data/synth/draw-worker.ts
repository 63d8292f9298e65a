/** A worker thread of synthesizeDataset: draws the photos it is asked for and sends them back as JPEG files. */
import { parentPort } from "node:worker_threads";
import { Rng } from "../../base/rng.ts";
import { encodeJpeg } from "../../images/index.ts";
import { markJpeg } from "./marker.ts";
import { drawPhoto } from "./scene.ts";

export interface DrawRequest {
  readonly className: string;
  /** Everything in the photo follows from it. */
  readonly seed: string;
  readonly longSide: number;
}

/** The file's bytes, marked as synthetic. */
export type DrawReply = Uint8Array<ArrayBuffer>;

const port = parentPort!;

port.on("message", async ({ className, seed, longSide }: DrawRequest) => {
  const pixels = drawPhoto(className, seed, longSide);
  const quality = 60 + new Rng(seed).fork("quality").int(33);
  const reply: DrawReply = markJpeg(await encodeJpeg(pixels, quality));
  port.postMessage(reply, [reply.buffer]);
});
