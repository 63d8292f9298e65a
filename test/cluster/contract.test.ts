/** The real cluster against the contract that the fake passes as well. */
import { clusterContract } from "../kit/cluster-contract.ts";
import { labCluster, labMissing } from "../kit/lab.ts";

clusterContract("real cluster", () => labCluster(), labMissing);
