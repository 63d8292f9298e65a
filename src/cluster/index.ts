/** Kubernetes clusters: what the rest of fulcrum may use. */
export {
  type Applied,
  type ApplyOptions,
  type Change,
  type Cluster,
  fieldManager,
  type ListOptions,
  type ObjectRef,
} from "./cluster.ts";
export { type ConnectOptions, connectCluster } from "./connect.ts";
export { instanceLabel, isOwn, labelsOf, managedByLabel, ownLabels, runLabel, selectorOf } from "./identity.ts";
export type * from "./objects.ts";
export { holdsRoom, isEnding, isReady, pendingReason, podAmounts, restartsOf } from "./pods.ts";
export { type Amounts, addAmounts, amountsOf, noAmounts, parseQuantity, sumAmounts } from "./quantity.ts";
