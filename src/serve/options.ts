/** What a user may choose about the service: one schema for types, defaults, checks and the flags of `fulcrum serve`. */
import { z } from "zod";
import { durationQuantity, memoryQuantity, slug } from "../config/quantities.ts";

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export const serveOptions = z.strictObject({
  port: z.int().min(0).max(65535).default(8080).describe("Port; 0 takes any free one"),
  host: z.string().min(1).default("127.0.0.1").describe("Address to listen on; 0.0.0.0 for all"),
  threads: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe("Inference threads; by default the container's CPU limit rounded up, or all cores"),
  queue: z.int().min(0).max(100_000).default(64).describe("Photos that may wait while all workers are busy"),
  maxWait: durationQuantity.prefault("5s").describe("A photo that would wait longer than this is refused at once"),
  maxUpload: memoryQuantity.prefault("20Mi").describe("Largest photo"),
  maxPhotos: z.int().min(1).max(1000).default(16).describe("Most photos in one request"),
  uploadMemory: memoryQuantity.prefault("128Mi").describe("Most bytes of all uploads that are held at a time"),
  headerTimeout: durationQuantity.prefault("10s").describe("A request's headers have to be here after this time"),
  requestTimeout: durationQuantity.prefault("60s").describe("A request has to be here whole after this time"),
  drainDelay: durationQuantity
    .prefault("0s")
    .describe("After SIGTERM go on listening so long (not ready), for balancers to notice"),
  runLimit: durationQuantity.prefault("10s").describe("Inference of a photo over this counts as hung"),
  name: slug.optional().describe("Model name in /v2; by default the candidate's, from the file's path"),
  adminToken: z
    .string()
    .optional()
    .describe("File with the token for PUT /admin/model (one line, 16 characters or more); without it there is none"),
  askShare: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("Share of uploads, 0 to 1, asked for the category before the answer is shown (live accuracy)"),
  answers: z.string().optional().describe("SQLite file for the answers, made where it is missing"),
  keepPhotos: z.string().optional().describe("Folder for the photos of answers; by default only their hash is kept"),
  keepPhotosLimit: memoryQuantity
    .prefault("1Gi")
    .describe("Most bytes of the folder of photos; further answers are not kept"),
  testPhoto: z.string().optional().describe("Photo that GET /test classifies; by default the bundled one"),
  log: z.enum(logLevels).default("info").describe("Log level; JSON lines on standard error"),
});

export type ServeOptions = z.output<typeof serveOptions>;
