/** Every verb by name, in the order of help. A verb's file is loaded when it is called or shown. */
import { loadVerb as load, type VerbLoaders } from "./verb.ts";

export const verbGroups: Readonly<Record<string, VerbLoaders>> = {
  "The whole way": {
    demo: () => load(import("./verbs/demo.ts")),
    init: () => load(import("./verbs/init.ts")),
    run: () => load(import("./verbs/run.ts")),
    status: () => load(import("./verbs/status.ts")),
    dashboard: () => load(import("./verbs/dashboard.ts")),
  },
  Stages: {
    "data inspect": () => load(import("./verbs/data-inspect.ts")),
    "data synth": () => load(import("./verbs/data-synth.ts")),
    "data preview": () => load(import("./verbs/data-preview.ts")),
    models: () => load(import("./verbs/models.ts")),
    import: () => load(import("./verbs/import.ts")),
    train: () => load(import("./verbs/train.ts")),
    tune: () => load(import("./verbs/tune.ts")),
    quantize: () => load(import("./verbs/quantize.ts")),
    evaluate: () => load(import("./verbs/evaluate.ts")),
    predict: () => load(import("./verbs/predict.ts")),
    serve: () => load(import("./verbs/serve.ts")),
    "image build": () => load(import("./verbs/image-build.ts")),
    render: () => load(import("./verbs/render.ts")),
    deploy: () => load(import("./verbs/deploy.ts")),
    undeploy: () => load(import("./verbs/undeploy.ts")),
    rollback: () => load(import("./verbs/rollback.ts")),
    load: () => load(import("./verbs/load.ts")),
    monitor: () => load(import("./verbs/monitor.ts")),
    measure: () => load(import("./verbs/measure.ts")),
    report: () => load(import("./verbs/report.ts")),
    compare: () => load(import("./verbs/compare.ts")),
  },
  "This machine": {
    doctor: () => load(import("./verbs/doctor.ts")),
    clean: () => load(import("./verbs/clean.ts")),
    test: () => load(import("./verbs/test.ts")),
  },
};

export const verbLoaders: VerbLoaders = Object.assign({}, ...Object.values(verbGroups));
