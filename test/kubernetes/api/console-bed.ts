import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { KubeConfig } from "@kubernetes/client-node";
import { judge } from "../../../src/analysis/judge.ts";
import { ask, start } from "../../../src/api/testdata/served.ts";
import type { Subject } from "../../../src/api/who/caller.ts";
import { grantedRights } from "../../../src/api/who/roles.ts";
import { kubernetesClient } from "../../../src/kubernetes/client.ts";
import { systemClock as clock } from "../../../src/main/clock.ts";
import { clusterActions } from "../../../src/main/cluster-actions.ts";
import { kubernetesUsers } from "../../../src/main/kubernetes-users.ts";
import { meshState } from "../../../src/main/mesh-state.ts";
import { judging } from "../../../src/main/webhooks.ts";
import { validation } from "../../../src/operate/validation.ts";
import { readObject } from "../../../src/sources/text/text.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { installDefinitions, memoryLog, type OperatorBed, operatorBed } from "./operator-bed.ts";

// The console's API on a real API server: people log in by tokens, and what they change there they change as themselves.

const mesh = ["networking.istio.io", "security.istio.io", "gateway.networking.k8s.io"];
const see = { apiGroups: [""], resources: ["pods"], verbs: ["list", "get"] };
const read = { apiGroups: mesh, resources: ["*"], verbs: ["get", "list"] };
const write = { apiGroups: mesh, resources: ["*"], verbs: ["get", "create", "patch", "delete"] };
const label = { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "patch"] };
const roll = { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets"], verbs: ["get", "patch"] };
const logs = { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] };

export interface ConsoleBed {
  readonly api: OwnApiServer;
  readonly bed: OperatorBed;
  /** Serves the API anew, as each test does. */
  serve(): Promise<void>;
  /** The control plane may speak for `alice`, and for the group `shop`. */
  letImpersonate(): Promise<void>;
  close(): Promise<void>;
}

/** `ann` may write in `shop` and read in `bank`; `eve` may only read in both; `weft` is the control plane's own account. */
export async function consoleBed(): Promise<ConsoleBed & { readonly as: (name: string) => Record<string, string> }> {
  const api = await ownApiServer();
  await installDefinitions(api);
  const tokens: Record<string, string> = {};
  const people = {
    ann: { shop: [see, write, label, roll, logs], bank: [see, read] },
    eve: { shop: [see, read], bank: [see, read] },
  };
  for (const [name, roles] of Object.entries(people))
    tokens[name] = tokenIn(await api.account({ namespace: "people", name, in: roles }));
  const own = new KubeConfig();
  own.loadFromFile(await api.account({ namespace: "istio-system", name: "weft", rules: reviews }));
  const client = kubernetesClient(own);
  const bed = await operatorBed(api);
  const hook = await webhook(api, bed);
  const { verifier, rightsOf } = kubernetesUsers({ client, namespace: "istio-system", clock });
  const { discovery } = bed.plane;
  const { snapshot: _, ...state } = meshState({
    discovery,
    about: () => ({ name: "weft", version: "0", envoyVersion: "1.40.0", trustDomain: "x", doors: [], startedAt: 0 }),
    findings: () => [],
    access: () => ({ since: 0, dropped: { records: 0, messages: 0 }, entries: [] }),
  });
  const named = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): Subject | undefined =>
    typeof headers["x-user"] === "string"
      ? { name: headers["x-user"], groups: ["shop", "system:masters"], how: "header" }
      : undefined;
  return {
    ...{ api, bed },
    serve: () =>
      start(
        clusterActions({ config: own, client, discovery, now: () => clock.now() }),
        { ...state, snapshot: () => discovery.snapshot },
        {
          verifiers: [verifier],
          named,
          rightsOf: (subject: Subject) =>
            subject.how === "kubernetes"
              ? rightsOf(subject)
              : grantedRights(subject, [{ role: "editor", subjects: ["*"] }]),
        },
      ),
    letImpersonate: () => letImpersonate(api),
    as: (name) => ({ authorization: `Bearer ${tokens[name]}` }),
    async close() {
      hook.close();
      hook.closeAllConnections();
      client.close();
      await bed.stop();
      await api.close();
    },
  };
}

const reviews = [
  { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
];

async function letImpersonate(api: OwnApiServer): Promise<void> {
  const who = [
    { apiGroups: [""], resources: ["users"], resourceNames: ["alice"], verbs: ["impersonate"] },
    { apiGroups: [""], resources: ["groups"], resourceNames: ["shop"], verbs: ["impersonate"] },
  ];
  await api.account({ namespace: "istio-system", name: "weft", rules: [...reviews, ...who] });
  const alice = ["create", "rolebinding", "alice", "-n", "shop", "--role=people-ann", "--group=shop"];
  await api.kubectl(alice);
}

function tokenIn(kubeconfig: string): string {
  const { users } = JSON.parse(readFileSync(kubeconfig, "utf8")) as { users: { user: { token: string } }[] };
  return users[0]?.user.token ?? "";
}

/** Weft's validation webhook, by the API server's own certificate. */
async function webhook(api: OwnApiServer, { plane }: OperatorBed): Promise<Server> {
  const file = (name: string) => readFileSync(join(dirname(api.kubeconfig), "certificates", name), "utf8");
  const origin = { file: "", line: 0, column: 0, at: "", locate: () => ({ file: "", line: 0, column: 0 }) };
  const judged = judging(
    validation({
      snapshot: () => plane.discovery.tracker.snapshot,
      elapsed: () => performance.now(),
      read: (object) => readObject(object, origin, judge),
    }),
    memoryLog().log,
  );
  const server = createServer({ cert: file("apiserver.crt"), key: file("apiserver.key") }, (request, response) => {
    void text(request).then(async (body) => response.end(JSON.stringify(await judged(JSON.parse(body)))));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const clientConfig = {
    url: `https://127.0.0.1:${port}/validate`,
    caBundle: Buffer.from(file("apiserver.crt")).toString("base64"),
  };
  const rule = { apiGroups: mesh, apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources: ["*"] };
  const hook = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "weft-validator" },
    webhooks: [
      {
        ...{ name: "validation.weft.dev", clientConfig, rules: [rule], failurePolicy: "Fail", sideEffects: "None" },
        admissionReviewVersions: ["v1"],
      },
    ],
  };
  await api.kubectl(["apply", "-f", "-"], JSON.stringify(hook));
  return server;
}

/** An answer of the console's API to somebody. */
export async function asked(path: string, headers: Record<string, string>, body?: string) {
  return ask(`/api/v1/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers,
    ...(body === undefined ? {} : { body }),
  });
}
