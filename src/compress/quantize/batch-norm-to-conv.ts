/**
 * Rule: a BatchNormalization that no convolution precedes (ResNet V2 normalises before it convolves) becomes a
 * depthwise 1x1 convolution, which has an integer kernel where BatchNormalization has none.
 */
import type { RewriteRule } from "../rewrite.ts";
import { batchNormMap } from "../simplify/fold-scales.ts";

export const batchNormToConv: RewriteRule = ({ b, node, inputs }) => {
  const map = node.shape.length === 4 && node.dtype === "float32" ? batchNormMap(node) : null;
  if (map === null) return null;
  const channels = map.scale.length;
  const weight = b.constant(`${node.name}/weight`, "float32", [channels, 1, 1, 1], Float32Array.from(map.scale));
  const bias = b.constant(`${node.name}/bias`, "float32", [channels], Float32Array.from(map.shift));
  return b.conv(inputs[0]!, weight, bias, { group: channels, name: node.name });
};
