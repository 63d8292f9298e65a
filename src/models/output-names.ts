/** Names of the outputs of graphs; apart from the graphs, so that serving need not load what builds them. */

/** Name of the classifier's output, float32 [N, classes]. */
export const probabilitiesOutput = "probabilities";
/** Name of a feature graph's output, float32 [N, features]. */
export const featuresOutput = "features";
