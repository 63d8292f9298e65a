/** The autoscaler's decisions, pure: shared by the embedded platform and whatever else has to predict them. */
export { type AutoscaleDecision, type AutoscaleState, decideReplicas, initialAutoscaleState } from "./decide.ts";
export type { ObservedPod } from "./recommend.ts";
export {
  type AutoscaleSettings,
  defaultBehavior,
  type ScalingBehavior,
  type ScalingPolicy,
  type ScalingRules,
} from "./settings.ts";
