/**
 * An inference worker's side of the link: opens the model, then answers one photo after the other. Runs in a child
 * process of the server (worker.ts); ends when the server closes the link or is gone.
 */
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { isFulcrumError } from "../errors/index.ts";
import { FrameReader, writeFrame } from "./frames.ts";
import type {
  AnswerMessage,
  FailedMessage,
  FromWorker,
  OpenMessage,
  PhotoForm,
  ServedModel,
  ToWorker,
} from "./messages.ts";

/** What a worker does with photos; the real one is in photo-classifier.ts. */
export interface PhotoClassifier {
  readonly model: ServedModel;
  /** Probabilities of one photo, in the order of the classes. */
  classify(
    photo: Uint8Array,
    form: PhotoForm,
    isLone: boolean,
  ): Promise<{ probabilities: Float32Array; decodeMs: number; inferenceMs: number }>;
  dispose(): Promise<void>;
}

export type OpenPhotoClassifier = (message: OpenMessage) => Promise<PhotoClassifier>;

/** Serves the link until the other end closes it. */
export function runWorker(socket: Socket, open: OpenPhotoClassifier): void {
  const reader = new FrameReader<ToWorker>();
  let classifier: PhotoClassifier | undefined;
  const send = (header: FromWorker, body: Uint8Array = new Uint8Array()) => {
    writeFrame(socket, { header, body });
  };
  const answer = async (header: ToWorker, photo: Uint8Array) => {
    try {
      if (header.kind === "open") {
        classifier = await open(header);
        send({ kind: "ready", model: classifier.model });
      } else {
        const { probabilities, decodeMs, inferenceMs } = await classifier!.classify(photo, header.form, header.isLone);
        const done: AnswerMessage = { kind: "answer", decodeMs, inferenceMs, usage: usage() };
        send(done, new Uint8Array(probabilities.buffer, probabilities.byteOffset, probabilities.byteLength));
      }
    } catch (error) {
      send(failed(error));
    }
  };
  socket.on("data", (chunk: Buffer) => {
    for (const { header, body } of reader.push(chunk)) void answer(header, body);
  });
  socket.once("end", () => {
    socket.end();
    void classifier?.dispose();
  });
  // The server is gone: "close" follows and nothing holds the process any longer.
  socket.on("error", () => {});
  // Ctrl-C, or a signal to the group, reaches every process; when to stop or to reload is the server's decision.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
}

/** Memory use is asked for so seldom: each time a file of /proc is opened, read and closed. */
const memoryEveryMs = 1000;
let memory = { residentBytes: 0, untilMs: 0 };

function usage(): AnswerMessage["usage"] {
  const nowMs = performance.now();
  if (nowMs >= memory.untilMs) memory = { residentBytes: process.memoryUsage.rss(), untilMs: nowMs + memoryEveryMs };
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: memory.residentBytes };
}

function failed(error: unknown): FailedMessage {
  if (isFulcrumError(error))
    return { kind: "failed", error: { code: error.code, message: error.message, context: error.context } };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "failed", error: { code: null, message, context: {} } };
}
