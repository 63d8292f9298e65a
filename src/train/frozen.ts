/** The frozen part of each base as an extractor: a graph from photo to features and to the boundary of what is trained. */
import { sha256 } from "../base/hash.ts";
import { GraphBuilder } from "../engine/graph/index.ts";
import { toChannelsLast } from "../engine/layout/index.ts";
import { encodeModel } from "../engine/onnx/index.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import { inputNames, lowerNetwork, storedWeights } from "../layers/index.ts";
import { addPhotoInput, featuresOutput, type LoadedBase, poolFeatures } from "../models/index.ts";
import type { Preprocessing } from "../records/preprocessing.ts";
import type { SourceOutput } from "./feature-cache.ts";
import type { Extractor } from "./feature-job.ts";
import type { UnfrozenNetwork } from "./unfreeze.ts";

/** What the workers shall give of a base. */
export interface Wanted {
  readonly features: boolean;
  readonly boundary: boolean;
}

/** Name of an extractor's output for a layer at the boundary: a picture with channels last, as training reads it. */
export function boundaryOutput(layer: string): string {
  return `boundary/${layer}`;
}

export function makeExtractor(
  loaded: LoadedBase,
  preprocessing: Preprocessing,
  unfrozen: UnfrozenNetwork | null,
  wanted: Wanted,
): Extractor {
  const { base, weights } = loaded;
  const b = new GraphBuilder();
  const image = addPhotoInput(b, preprocessing);
  const whole = base.network(preprocessing.size);
  const front = unfrozen?.front ?? whole;
  const options = { weights: storedWeights(weights), prefix: `${base.id}/` };
  const ends = lowerNetwork(b, front, { ...options, inputs: fill(inputNames(front), image) }).outputs;
  const outputs: SourceOutput[] = [];
  const give = (name: string, node: (typeof ends)[number]) => {
    b.output(name, node);
    outputs.push({ name, dims: node.shape.slice(1).map(Number) });
  };
  if (wanted.features || unfrozen === null) {
    const last = unfrozen
      ? lowerNetwork(b, unfrozen.tail, {
          ...options,
          inputs: Object.fromEntries(unfrozen.boundary.map((name, i) => [name, ends[i]!])),
        }).outputs
      : ends;
    give(featuresOutput, poolFeatures(b, last[0]!));
  }
  const boundary = wanted.boundary && unfrozen ? unfrozen.boundary : [];
  for (const [i, name] of boundary.entries()) give(boundaryOutput(name), toChannelsLast(b, ends[i]!));
  const model = encodeModel(b.build(base.id));
  return {
    source: {
      baseId: base.id,
      weightsSha256: base.weights.sha256,
      preprocessing,
      runtimeVersion,
      outputs,
      graphSha256: sha256(model),
    },
    model,
  };
}

function fill<Value>(names: readonly string[], value: Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
