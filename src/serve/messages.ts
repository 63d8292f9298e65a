/** What the server and an inference worker say to each other: headers of frames.ts, one photo at a time. */
import type { Frame } from "./frames.ts";

/** What the service tells of its model. */
export interface ServedModel {
  /** Class names in the order of the probabilities. */
  readonly classes: readonly string[];
  /** The model's own inputs, in order: uint8 [N, size, size, 3] each. */
  readonly inputs: readonly { readonly name: string; readonly size: number }[];
  /** Ids of the base models. */
  readonly bases: readonly string[];
  /** True where the model was trained on drawn photos. */
  readonly synthetic: boolean;
  /** Of the model file as training wrote it. */
  readonly sha256: string;
}

export interface OpenMessage {
  readonly kind: "open";
  readonly modelPath: string;
  /** Threads of one run. */
  readonly threads: number;
  /** Threads of a run while there is no other photo; as `threads` where such photos go to another worker. */
  readonly loneThreads: number;
  /** Folder of models prepared for this machine; null where nothing can be kept. */
  readonly preparedDir: string | null;
}

/** What a photo comes as: an encoded file, or the model's own inputs (uint8 pixels, one input after the other). */
export type PhotoForm = "photo" | "pixels";

/** Body: the photo. */
export interface ClassifyMessage {
  readonly kind: "classify";
  readonly form: PhotoForm;
  /** No other photo is being classified or waits. */
  readonly isLone: boolean;
}

export interface ReadyMessage {
  readonly kind: "ready";
  readonly model: ServedModel;
}

/** Body: float32 probabilities, little endian, in the order of the classes. */
export interface AnswerMessage {
  readonly kind: "answer";
  readonly decodeMs: number;
  /** Preparing (resizing) and running the model. */
  readonly inferenceMs: number;
  readonly usage: WorkerUsage;
}

/** The model cannot be opened, or this photo cannot be classified. `code` is null for an unexpected error. */
export interface FailedMessage {
  readonly kind: "failed";
  readonly error: {
    readonly code: string | null;
    readonly message: string;
    readonly context: Readonly<Record<string, string | number>>;
  };
}

/** The worker process's own use of the machine so far. */
export interface WorkerUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export type ToWorker = OpenMessage | ClassifyMessage;
export type FromWorker = ReadyMessage | AnswerMessage | FailedMessage;
export type FromWorkerFrame = Frame<FromWorker>;
