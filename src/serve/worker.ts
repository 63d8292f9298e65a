/** The module that an inference worker's process runs: the real classifier on the link of the server. */
import { Socket } from "node:net";
import { openPhotoClassifier } from "./photo-classifier.ts";
import { linkDescriptor } from "./worker-link.ts";
import { runWorker } from "./worker-loop.ts";

runWorker(new Socket({ fd: linkDescriptor }), openPhotoClassifier);
