/** Deployments: on the embedded platform of this machine. */
export { type LocalDeployment, type LocalDeploymentOptions, startLocalDeployment } from "./local/deployment.ts";
export type { ReplicaCommand } from "./local/replica.ts";
export type { DeploymentSnapshot } from "./local/snapshot.ts";
