/** For each rule about deployments, courses, costs and objectives: a run on which it speaks, and one on which it is silent. */
import {
  asItIs,
  type Edit,
  type EditableRun,
  evaluationOf,
  everyMeasurement,
  measurementOf,
  samplesUsing,
} from "./report-edit.ts";
import type { RuleCase } from "./rule-cases-models.ts";

/** The single pods of all, using so many cores; limits are 1.5 cores on a machine of 2. */
const singlesUsing =
  (cores: number, memoryBytes?: number): Edit =>
  (run) => {
    for (const body of everyMeasurement(run, "single")) body.samples = samplesUsing(cores, memoryBytes);
  };
const meanOf =
  (shape: "single" | "max", name: string, mean: number): Edit =>
  (run) => {
    measurementOf(run, shape, name).summary.responseMs!.mean = mean;
  };
const failing =
  (shape: "single" | "max", failed: number): Edit =>
  (run) => {
    Object.assign(measurementOf(run, shape, "latency").summary, {
      failed,
      okay: 100,
      availability: 100 / (100 + failed),
    });
  };
const limitsOf =
  (cpuMillis: number, cores: number): Edit =>
  (run) => {
    singlesUsing(cores)(run);
    for (const body of everyMeasurement(run, "single")) body.pod.limits.cpuMillis = cpuMillis;
  };

const single: Readonly<Record<string, RuleCase>> = {
  "single/latency-over-accuracy": {
    speaks: asItIs,
    silent: meanOf("single", "latency", 9999),
    says: /3\.0 times as fast as accuracy/,
  },
  "single/latency-over-previous": {
    speaks: asItIs,
    silent: meanOf("single", "latency", 9999),
    says: /1\.6 times as fast as previous/,
  },
  "single/cpu-at-limit": {
    speaks: singlesUsing(1.45),
    silent: singlesUsing(1.2),
    says: /the CPU limit; 1\.45 of 1\.50 cores/,
  },
  "single/machine-full": {
    speaks: limitsOf(2000, 1.6),
    silent: limitsOf(1500, 1.6),
    says: /used 1\.60 of its 2 cores/,
  },
  "single/cpu-idle": { speaks: singlesUsing(0.7), silent: singlesUsing(0.8), says: /at most 0\.70 of the 1\.50 cores/ },
  "single/queue": {
    speaks: asItIs,
    silent: (run) => {
      for (const { body } of run.evaluations) body.inferenceMs!.estimate = 1000;
    },
    says: /accuracy: requests wait. Of 1800 ms only about 45 ms are the model/,
  },
  "single/no-queue": {
    speaks: (run) => {
      evaluationOf(run, "latency").inferenceMs!.estimate = 500;
    },
    silent: asItIs,
    says: /600 ms are little more than the model's 500 ms/,
  },
  "single/long-tail": {
    speaks: (run) => {
      measurementOf(run, "single", "latency").summary.responseMs!.p99 = 5000;
    },
    silent: asItIs,
    says: /one in a hundred over 5000 ms/,
  },
  "single/failures": {
    speaks: failing("single", 25),
    silent: asItIs,
    says: /25 of 125 requests failed \(availability 80\.00 %/,
  },
  "single/all-answered": {
    speaks: asItIs,
    silent: failing("single", 1),
    says: /Every request was answered: \d+ in all/,
  },
  "single/one-run": {
    speaks: asItIs,
    silent: (run) => {
      run.measurements.push(structuredClone(run.measurements[0]!));
      run.measurements.at(-1)!.body.deployment = "again";
    },
    says: /in one run, so response times and rates have no interval/,
  },
  "single/limits-not-enforced": {
    speaks: asItIs,
    silent: (run) => {
      for (const body of everyMeasurement(run, "single")) body.enforcement.reason = null;
    },
    says: /no cgroup can be written here/,
  },
  "single/memory-unused": {
    speaks: singlesUsing(1, 100 * 2 ** 20),
    silent: singlesUsing(1, 2 ** 30),
    says: /used at most 100 MiB of the 2048 MiB/,
  },
};

const rateOf =
  (rate: number): Edit =>
  (run) => {
    for (const body of everyMeasurement(run, "max")) body.summary.transactionRatePerSecond = rate;
  };
const allFit: Edit = (run) => {
  for (const body of everyMeasurement(run, "max")) Object.assign(body, { pending: [], running: 20, asked: 20 });
};
/** The latency model max-size once more, with half the request and so many requests a second. */
const smallerPods =
  (rate: number): Edit =>
  (run) => {
    const record = run.measurements.find(({ body }) => body.shape === "max" && body.candidate === "latency")!;
    const copy = structuredClone(record);
    copy.body.deployment = "max-smaller";
    copy.body.pod.requests.cpuMillis = 500;
    copy.body.summary.transactionRatePerSecond = rate;
    run.measurements.push(copy);
  };

const max: Readonly<Record<string, RuleCase>> = {
  "max/faster": {
    speaks: asItIs,
    silent: rateOf(1),
    says: /accuracy: 9 replicas answer 11\.1 requests a second, 2\.0 times/,
  },
  "max/no-faster": {
    speaks: rateOf(1),
    silent: asItIs,
    says: /more replicas brought little, because they share 2 real cores/,
  },
  "max/requested-unused": {
    speaks: (run) => {
      measurementOf(run, "max", "latency").samples = samplesUsing(1.8);
    },
    silent: (run) => {
      measurementOf(run, "max", "latency").samples = samplesUsing(8);
    },
    says: /latency: of 9\.0 requested cores at most 1\.8 were in use/,
  },
  "max/failures": { speaks: failing("max", 7), silent: asItIs, says: /latency: 7 of 107 requests failed/ },
  "max/out-of-cpu": {
    speaks: asItIs,
    silent: allFit,
    says: /9 of 20 replicas run\. CPU ran out: a pod requests 1000m: left are node1 1595m/,
  },
  "max/out-of-memory": { speaks: asItIs, silent: allFit, says: /Memory ran out: a pod requests 2048 MiB/ },
  "max/all-fit": { speaks: allFit, silent: asItIs, says: /all 20 replicas fit/ },
  "max/overcommitted": {
    speaks: asItIs,
    silent: (run) => {
      for (const body of everyMeasurement(run, "max")) for (const node of body.nodes) node.limits.cpuMillis = 4000;
    },
    says: /CPU limits on node1 add up to 110 % of the node/,
  },
  "max/real-cores": {
    speaks: asItIs,
    silent: (run) => {
      for (const body of everyMeasurement(run, "max")) body.target = "kubernetes";
    },
    says: /grant 9\.0 cores, the machine under them has 2/,
  },
  "max/smaller-pods-better": {
    speaks: smallerPods(99),
    silent: smallerPods(1),
    says: /do better: 9 of 500m answer 99\.0/,
  },
  "max/smaller-pods-no-better": {
    speaks: smallerPods(1),
    silent: smallerPods(99),
    says: /do no better: 9 of 500m answer 1\.0/,
  },
};

const autoscaled = (run: EditableRun, change: (body: ReturnType<typeof measurementOf>) => void) =>
  everyMeasurement(run, "autoscaled").forEach(change);
const ready =
  (...seconds: number[]): Edit =>
  (run) =>
    autoscaled(run, (body) => {
      body.readySeconds = seconds;
    });

const scaling: Readonly<Record<string, RuleCase>> = {
  "scaling/threshold": {
    speaks: asItIs,
    silent: (run) =>
      autoscaled(run, (body) => {
        body.autoscaling = null;
      }),
    says: /accuracy: .* over 600m each on average, 60 % of their request of 1000m/,
  },
  "scaling/targets-differ": {
    speaks: asItIs,
    silent: (run) =>
      autoscaled(run, (body) => {
        body.autoscaling!.targetCpuPercent = 50;
      }),
    says: /latency scales at 50 % and accuracy at 60 %/,
  },
  "scaling/requests-differ": {
    speaks: (run) => {
      measurementOf(run, "autoscaled", "latency").pod.requests.cpuMillis = 500;
    },
    silent: asItIs,
    says: /accuracy requests 1000m and 2048 MiB, one of latency 500m/,
  },
  "scaling/fixed": {
    speaks: (run) => {
      measurementOf(run, "autoscaled", "latency").autoscaling = {
        minReplicas: 3,
        maxReplicas: 3,
        targetCpuPercent: 50,
      };
    },
    silent: asItIs,
    says: /fewest and most replicas are both 3/,
  },
  "scaling/limit-above-request": {
    speaks: (run) => {
      measurementOf(run, "autoscaled", "latency").pod.limits.cpuMillis = 2500;
    },
    silent: asItIs,
    says: /2500m is 2\.5 times the request/,
  },
  "scaling/slow-start": { speaks: ready(3, 12), silent: ready(3, 9), says: /takes up to 12 s until it is ready/ },
  "scaling/quick-start": {
    speaks: ready(3, 9),
    silent: ready(3, 12),
    says: /9\.0 s after its start at the latest \(2 starts\)/,
  },
};

const noFailures: Edit = (run) =>
  autoscaled(run, (body) => {
    for (const { summary } of body.rows) summary.failed = 0;
  });
const steadyLoad: Edit = (run) =>
  autoscaled(run, (body) => {
    for (const { summary } of body.rows) Object.assign(summary, { okay: 10, failed: 0 });
  });
const replicas =
  (at: (index: number) => number): Edit =>
  (run) =>
    autoscaled(run, (body) => {
      body.samples.forEach((sample, i) => {
        sample.replicas = at(i);
        sample.readyReplicas = at(i);
      });
    });
const using =
  (cpuShare: number, memoryShare: number): Edit =>
  (run) =>
    autoscaled(run, (body) => {
      for (const sample of body.samples) {
        sample.cpuUseCores = cpuShare * sample.cpuRequestCores;
        sample.memoryUseBytes = memoryShare * sample.memoryRequestBytes;
      }
    });
const unsampled: Edit = (run) =>
  autoscaled(run, (body) => {
    body.samples = [];
  });

const course: Readonly<Record<string, RuleCase>> = {
  "course/surge": { speaks: asItIs, silent: steadyLoad, says: /rises most at minute \d+: from \d+\.\d to \d+\.\d/ },
  "course/ready-after-surge": {
    speaks: asItIs,
    silent: replicas(() => 2),
    says: /More replicas than the 2 of then were ready \d+ s of the scenario after the load rose \(\d+\.\d s of this machine\)/,
  },
  "course/not-scaled": { speaks: replicas(() => 2), silent: asItIs, says: /the replicas stayed at 2/ },
  "course/returned": {
    speaks: asItIs,
    silent: replicas((i) => (i < 200 ? 2 : 5)),
    says: /from 2 to 6 and came back to 2/,
  },
  "course/not-returned": {
    speaks: replicas((i) => (i < 200 ? 2 : 5)),
    silent: asItIs,
    says: /5 replicas still ran at the end, 2 at the start/,
  },
  "course/at-most": {
    speaks: replicas((i) => (i < 180 ? 2 : 8)),
    silent: asItIs,
    says: /most replicas allowed, 8, were ready in 50 % of the samples\.$/,
  },
  "course/restless": { speaks: replicas((i) => 2 + (i % 2)), silent: asItIs, says: /turned 358 times/ },
  "course/dip-before-ready": {
    speaks: asItIs,
    silent: replicas(() => 2),
    says: /dips to 9\d\.\d % at minute \d+ \(1 failed\), while \d replicas were ready and \d soon after/,
  },
  "course/dip-steady": { speaks: asItIs, silent: noFailures, says: /while no replica was being added/ },
  "course/always-available": { speaks: noFailures, silent: asItIs, says: /availability 100 %/ },
  "course/slower-under-load": {
    speaks: (run) => {
      measurementOf(run, "autoscaled", "latency").rows[12]!.summary.responseMs!.mean = 500;
    },
    silent: asItIs,
    says: /between 60 ms and 500 ms \(minute 12\)/,
  },
  "course/crashed": {
    speaks: (run) => {
      measurementOf(run, "autoscaled", "latency").events = [{ epochMs: 0, kind: "crashed", replica: "a", detail: "" }];
    },
    silent: asItIs,
    says: /crashed 1 time/,
  },
  "course/time-scaled": {
    speaks: asItIs,
    silent: (run) =>
      autoscaled(run, (body) => {
        body.load.timeScale = 1;
      }),
    says: /scaled by 30/,
  },
  "course/judged": { speaks: asItIs, silent: unsampled, says: /The recipe in figures: \d+ MiB requested/ },
  "course/unsampled": { speaks: unsampled, silent: asItIs, says: /were not sampled/ },
  "course/cpu-idle": {
    speaks: using(0.2, 0.6),
    silent: using(0.4, 0.6),
    says: /\(20 %\); the rest is paid for and idle/,
  },
  "course/memory-idle": { speaks: using(0.5, 0.4), silent: using(0.5, 0.6), says: /2\.5 times what is used/ },
  "course/cpu-at-limit": {
    speaks: using(1.9, 0.5),
    silent: using(0.5, 0.5),
    says: /at its limit in 100 % of the samples/,
  },
  "course/over-request": {
    speaks: using(1.1, 0.5),
    silent: using(0.9, 0.5),
    says: /than they had requested in 100 % of the samples/,
  },
};

const priced: Edit = (run) => {
  run.prices = { currency: "EUR", cpuCoreHour: 0.05, memoryGibHour: 0.01, source: "a list of 2026" };
};
const objective =
  (values: Partial<NonNullable<EditableRun["objectives"]>>): Edit =>
  (run) => {
    run.objectives = { minAccuracy: null, maxMeanResponseMs: null, minAvailability: null, ...values };
  };
const singleRate =
  (rate: number): Edit =>
  (run) => {
    for (const name of ["accuracy", "latency"])
      measurementOf(run, "single", name).summary.transactionRatePerSecond = rate;
  };

const outcome: Readonly<Record<string, RuleCase>> = {
  "predecessor/faster-pod": {
    speaks: asItIs,
    silent: singleRate(1),
    says: /latency answers 16\.7 requests a second, the predecessor's 10\.5/,
  },
  "predecessor/slower-pod": {
    speaks: asItIs,
    silent: singleRate(99),
    says: /accuracy answers 5\.6 requests a second, fewer than the predecessor's 10\.5/,
  },
  "cost/priced": { speaks: priced, silent: asItIs, says: /EUR for a million requests .*prices: a list of 2026/ },
  "cost/unpriced": { speaks: asItIs, silent: priced, says: /report\.prices in the project file/ },
  "cost/cheaper": {
    speaks: (run) => {
      const body = measurementOf(run, "autoscaled", "latency");
      for (const sample of body.samples) sample.cpuRequestCores /= 2;
    },
    silent: (run) => {
      const [a, b] = everyMeasurement(run, "autoscaled");
      b!.samples = structuredClone(a!.samples);
      b!.summary = structuredClone(a!.summary);
    },
    says: /latency requests 49 % less CPU/,
  },
  "cost/idle": {
    speaks: using(0.2, 0.5),
    silent: using(0.6, 0.5),
    says: /80 % of the CPU that is paid for was not used/,
  },
  "objective/accuracy-met": {
    speaks: objective({ minAccuracy: 0.5 }),
    silent: objective({ minAccuracy: 0.99 }),
    says: /50\.0 % are asked for: the objective is met/,
  },
  "objective/accuracy-missed": {
    speaks: objective({ minAccuracy: 0.99 }),
    silent: objective({ minAccuracy: 0.5 }),
    says: /99\.0 % are asked for: the objective is missed/,
  },
  "objective/response-met": {
    speaks: objective({ maxMeanResponseMs: 5000 }),
    silent: objective({ maxMeanResponseMs: 1 }),
    says: /at most 5000 ms are asked for: the objective is met/,
  },
  "objective/response-missed": {
    speaks: objective({ maxMeanResponseMs: 1 }),
    silent: objective({ maxMeanResponseMs: 5000 }),
    says: /at most 1 ms are asked for: the objective is missed/,
  },
  "objective/availability-met": {
    speaks: objective({ minAvailability: 0.5 }),
    silent: objective({ minAvailability: 1 }),
    says: /50\.0 % are asked for: the objective is met/,
  },
  "objective/availability-missed": {
    speaks: objective({ minAvailability: 1 }),
    silent: objective({ minAvailability: 0.5 }),
    says: /100\.0 % are asked for: the objective is missed/,
  },
};

export const deploymentCases: Readonly<Record<string, RuleCase>> = {
  ...single,
  ...max,
  ...scaling,
  ...course,
  ...outcome,
};
