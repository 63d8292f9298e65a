/** Objects as one YAML file that `kubectl apply -f` takes. Pure. */
import { stringify } from "yaml";
import type { KubeObject } from "../../../cluster/index.ts";

export function renderYaml(objects: readonly KubeObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}
