/** What a report is made of: the records of a run and what was read beside them. */
import type { Dataset } from "../records/dataset.ts";
import type { Evaluation } from "../records/evaluation.ts";
import type { Measurement } from "../records/measurement.ts";
import type { RecordOf } from "../records/record.ts";
import type { Training } from "../records/training.ts";
import type { PriceSheet } from "./facts/cost.ts";
import type { Course } from "./facts/course.ts";
import type { Latencies } from "./facts/latencies.ts";

/** What the project file asks for; null: not asked. Shares 0..1. */
export interface Objectives {
  readonly minAccuracy: number | null;
  readonly maxMeanResponseMs: number | null;
  readonly minAvailability: number | null;
}

/** A misclassified photo as it is shown. */
export interface Thumbnail {
  readonly candidate: string;
  /** Path of the photo in the data set. */
  readonly path: string;
  readonly jpeg: Uint8Array;
}

export interface ReportInput {
  readonly name: string;
  readonly dataset: RecordOf<Dataset> | undefined;
  readonly trainings: readonly RecordOf<Training>[];
  readonly evaluations: readonly RecordOf<Evaluation>[];
  readonly measurements: readonly RecordOf<Measurement>[];
  /** Measurements that came as siege logs and resource CSVs, made without fulcrum. */
  readonly courses: readonly Course[];
  /** By path of the measurement's record in the run; where the hits were there to be read. */
  readonly latencies: ReadonlyMap<string, Latencies>;
  readonly thumbnails: readonly Thumbnail[];
  /** Why photos are not shown; null where they are. */
  readonly thumbnailsMissing: string | null;
  /** What the project file asks for; undefined where the run has no project file. */
  readonly objectives: Objectives | undefined;
  readonly prices: PriceSheet | null;
  /** The user's own points for the last part. */
  readonly contributions: readonly string[];
}
