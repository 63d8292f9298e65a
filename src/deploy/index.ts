/** Deployments: on the embedded platform of this machine, and on Kubernetes. */
export { serviceUrl } from "./kubernetes/address.ts";
export { notFound, removeDeployment } from "./kubernetes/apply.ts";
export { applyRecipe, type ClusterSnapshot, snapshotCluster, waitForRecipe } from "./kubernetes/deployment.ts";
export { type Difference, renderDifferences } from "./kubernetes/difference.ts";
export { askedAtStart, type Recipe } from "./kubernetes/recipe.ts";
export { rollBack } from "./kubernetes/rollback.ts";
export { waitForRollout } from "./kubernetes/rollout.ts";
export { type LocalDeployment, type LocalDeploymentOptions, startLocalDeployment } from "./local/deployment.ts";
export type { ReplicaCommand } from "./local/replica.ts";
export type { DeploymentSnapshot } from "./local/snapshot.ts";
