/** Weights of a Keras 2 `.h5` file by `LAYER/WEIGHT` in the engine's layout, read by h5wasm itself. */
import { Dataset, File, Group, ready } from "h5wasm/node";
import { fromKerasLayout, type Weight } from "../../src/layers/index.ts";

export async function readKerasWeights(path: string): Promise<Map<string, Weight>> {
  await ready;
  const file = new File(path, "r");
  const weights = new Map<string, Weight>();
  const collect = (group: Group): void => {
    for (const key of group.keys()) {
      const item = group.get(key);
      if (item instanceof Group) collect(item);
      if (!(item instanceof Dataset)) continue;
      const [layer, weight] = item.path.split("/").slice(-2) as [string, string];
      const name = weight.replace(":0", "");
      const raw = { shape: [...item.shape!], data: item.value as Float32Array };
      const layout = name === "depthwise_kernel" ? "depthwise" : "convolution";
      weights.set(`${layer}/${name}`, raw.shape.length === 4 ? fromKerasLayout(raw, layout) : raw);
    }
  };
  collect(file.get("model_weights") as Group);
  file.close();
  return weights;
}
