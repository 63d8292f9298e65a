/** Data sets: read, inspect, split, draw. */
export { readClasses } from "./classes.ts";
export { type Inspection, inspectDataset } from "./inspect.ts";
export { type ReadOptions, readDataset } from "./read.ts";
export { samplePhotos } from "./sample.ts";
export { dishNames } from "./synth/dishes/index.ts";
export { type SynthesizeOptions, synthesizeDataset } from "./synth/synthesize.ts";
