/** Deployments: on the embedded platform of this machine. */
export {
  type DeploymentSnapshot,
  type LocalDeployment,
  type LocalDeploymentOptions,
  startLocalDeployment,
} from "./local/deployment.ts";
