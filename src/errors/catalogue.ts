/** The whole error catalogue: one table an area, merged here. docs/errors.md lists exactly these (tested). */
import { answerErrors } from "./answers.ts";
import { cliErrors } from "./cli.ts";
import { clusterErrors } from "./cluster.ts";
import { compressErrors } from "./compress.ts";
import { dataErrors } from "./data.ts";
import { deployErrors } from "./deploy.ts";
import { engineErrors } from "./engine.ts";
import { evaluateErrors } from "./evaluate.ts";
import { imageBuildErrors } from "./image.ts";
import { imageErrors } from "./images.ts";
import { layerErrors } from "./layers.ts";
import { liveErrors } from "./live.ts";
import { loadErrors } from "./load.ts";
import { modelErrors } from "./models.ts";
import { reportErrors } from "./report.ts";
import { runErrors } from "./run.ts";
import { serveErrors } from "./serve.ts";
import { tuneErrors } from "./tune.ts";

export const catalogue = {
  ...cliErrors,
  ...runErrors,
  ...dataErrors,
  ...imageErrors,
  ...engineErrors,
  ...layerErrors,
  ...modelErrors,
  ...evaluateErrors,
  ...compressErrors,
  ...tuneErrors,
  ...serveErrors,
  ...answerErrors,
  ...deployErrors,
  ...imageBuildErrors,
  ...clusterErrors,
  ...loadErrors,
  ...liveErrors,
  ...reportErrors,
} as const;

export type ErrorCode = keyof typeof catalogue;
