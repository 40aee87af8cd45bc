// How long the injection webhook takes for one Pod, without HTTP: node bench/inject.ts [PODS]
import { performance } from "node:perf_hooks";
import { admitPod } from "../src/inject/admit.ts";
import { defaultSettings } from "../src/inject/settings.ts";
import { empty } from "../src/model/snapshot.ts";

const count = Number(process.argv[2] ?? 3000);
const context = { settings: defaultSettings, snapshot: empty, revision: "default", installNamespace: "istio-system" };
const object = {
  metadata: {
    generateName: "reviews-v1-5d9-",
    labels: { app: "reviews", version: "v1", "pod-template-hash": "5d9" },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "reviews-v1-5d9", controller: true }],
  },
  spec: {
    containers: [
      {
        name: "reviews",
        image: "reviews:1",
        ports: [{ containerPort: 9080 }],
        readinessProbe: { httpGet: { port: 9080, path: "/health" } },
        livenessProbe: { tcpSocket: { port: 9080 } },
      },
    ],
  },
};

const times = Array.from({ length: count }, (_, i) => {
  const review = { kind: "AdmissionReview", request: { uid: `${i}`, namespace: "default", object } };
  const began = performance.now();
  admitPod(review, context);
  return performance.now() - began;
});
// What comes first is compiled first.
const sorted = times.slice(Math.floor(count / 6)).sort((a, b) => a - b);
const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
console.log(`${count} Pods: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
