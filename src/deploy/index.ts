/** Deployments: on the embedded platform of this machine, and on Kubernetes. */
export { serviceUrl } from "./kubernetes/address.ts";
export { waitUntilAnswering } from "./kubernetes/answering.ts";
export { notFound, removeDeployment } from "./kubernetes/apply.ts";
export { applyRecipe, type ClusterSnapshot, snapshotCluster, waitForRecipe } from "./kubernetes/deployment.ts";
export { type Difference, renderDifferences } from "./kubernetes/difference.ts";
export { askedAtStart, type Recipe, recipeOf } from "./kubernetes/recipe.ts";
export { buildManifests } from "./kubernetes/render/manifests.ts";
export { rbacManifests } from "./kubernetes/render/rbac.ts";
export { renderYaml } from "./kubernetes/render/yaml.ts";
export { rollBack } from "./kubernetes/rollback.ts";
export { waitForRollout } from "./kubernetes/rollout.ts";
export { type LocalDeployment, type LocalDeploymentOptions, startLocalDeployment } from "./local/deployment.ts";
export type { ReplicaCommand } from "./local/replica.ts";
export type { DeploymentSnapshot } from "./local/snapshot.ts";
