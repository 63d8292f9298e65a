/** Data sets: read, inspect, split, draw. */
export { type Inspection, inspectDataset } from "./inspect.ts";
export { type ReadOptions, readDataset } from "./read.ts";
