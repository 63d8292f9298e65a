/** What the reading process is told, and what it gives back: one safetensors stream with the names in its metadata. */
import { z } from "zod";

export interface ReadJob {
  readonly path: string;
  /** A folder of the job's own, for the weights of a `.keras` file. */
  readonly workDir: string;
  readonly limits: {
    /** Of weights, once unpacked. */
    readonly unpackedBytes: number;
  };
}

/** Exit code for a file that is refused; the reason is on standard error. */
export const refusedExitCode = 3;

/** Kept in the stream's `__metadata__`, as JSON under the key `keras`. */
export const contents = z.object({
  format: z.enum(["keras", "h5"]),
  /** The architecture as JSON text; null for a file of weights only. */
  config: z.string().nullable(),
  kerasVersion: z.string().nullable(),
  /** By path of the group. */
  attributes: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))),
});

export type Contents = z.output<typeof contents>;
