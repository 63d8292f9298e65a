/** How fulcrum knows its own objects in a cluster: by their labels, never by their names alone. Pure. */

export const managedByLabel = "app.kubernetes.io/managed-by";
export const instanceLabel = "app.kubernetes.io/instance";
/** On the objects of a measurement: which run's they are. */
export const runLabel = "fulcrum/run";
const nameLabel = "app.kubernetes.io/name";
const product = "fulcrum";

/** On every object of a deployment. */
export function labelsOf(name: string): Record<string, string> {
  return { ...selectorOf(name), [managedByLabel]: product };
}

/** What a Deployment and a Service choose their pods by. */
export function selectorOf(name: string): Record<string, string> {
  return { [nameLabel]: product, [instanceLabel]: name };
}

/** On every deployment of fulcrum, whatever its name. */
export const ownLabels: Readonly<Record<string, string>> = { [managedByLabel]: product };

export function isOwn(labels: Readonly<Record<string, string>> | undefined, name: string): boolean {
  return labels?.[managedByLabel] === product && labels[instanceLabel] === name;
}
