import { expect, test } from "vitest";
import { Bed } from "./gateway-api/bed.ts";
import { type Case, cases, type HttpStep, isHere } from "./gateway-api/cases.ts";
import { type Answer, httpFault } from "./gateway-api/judge.ts";
import { type Caller, callDoors, overlaid } from "./gateway-api/overlay.ts";

/** Cases that do not pass, each with its reason. */
const failing: Readonly<Record<string, string>> = {
  MeshHTTPRouteNamedRule:
    "the suite expects that the backend of /unnamed is asked for /named, and its rule rewrites nothing",
  MeshFrontendHostname:
    "sidecars choose a service by the Host that is written, as Istio's do, not by the address that is called",
};

const patience = 10_000;

async function until(attempt: () => Promise<string | undefined>, milliseconds: number): Promise<string | undefined> {
  for (const end = performance.now() + milliseconds; ; ) {
    const fault = await attempt();
    if (fault === undefined || performance.now() > end) return fault;
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** A step's calls until they fit. */
async function httpStep(bed: Bed, step: HttpStep, callers: readonly Caller[]): Promise<string | undefined> {
  const { request, backendSetResponseHeaders } = step;
  const host = request.host ?? "echo";
  const [name = "", port = "80"] = host.split(":");
  const set = Object.entries(backendSetResponseHeaders ?? {}).map(([key, value]) => `${key}:${value}`);
  const headers = {
    Host: host,
    ...request.headers,
    ...(set.length > 0 ? { "X-Echo-Set-Header": set.join(",") } : {}),
  };
  const asked = { kind: "http", host: name, port: Number(port), method: request.method, path: request.path, headers };
  const attempt = async () => {
    const answer: Answer = await bed.call(callerOf(step.via, callers), asked);
    const fault = httpFault(step, answer, Number(port));
    return fault === undefined ? undefined : `${step.name}: ${fault}`;
  };
  return until(attempt, patience);
}

/** The Deployment that `pod(app=echo,version=v1 in NAMESPACE)` means. */
function callerOf(via: string, callers: readonly Caller[]): string {
  const [, labels = "", namespace] = /^pod\((.*) in (.*)\)$/.exec(via) ?? [];
  const pairs = labels.split(",").map((pair) => pair.split("=") as [string, string]);
  const found = callers.find((c) => c.namespace === namespace && pairs.every(([k, v]) => c.labels[k] === v));
  if (found === undefined) throw new Error(`nobody is ${via}`);
  return `${found.name}.${found.namespace}`;
}

async function run(bed: Bed, c: Case, callers: readonly Caller[]): Promise<string | undefined> {
  const files = c.manifests.map((file, i) => [`case-${i}`, overlaid(file, false).text] as const);
  for (const [name, text] of files) bed.write(name, text);
  try {
    for (const step of c.steps) {
      const fault = step.kind === "http" ? await httpStep(bed, step, callers) : undefined;
      if (fault !== undefined) return fault;
    }
    return undefined;
  } finally {
    for (const [name] of files) bed.remove(name);
  }
}

if (!isHere) {
  test("the conformance cases are here", () => {
    process.stdout.write("conformance/gateway-api: no cases at ../shared/conformance, nothing was checked\n");
    expect(process.env["CI"]).not.toBe("true");
  });
} else {
  test("Gateway API's conformance cases of a mesh", { timeout: 180_000 }, async () => {
    const bed = new Bed();
    const base = overlaid("manifests/mesh/manifests.yaml", true);
    bed.write("base", base.text);
    bed.write("doors", callDoors(base.callers));
    const results = new Map<string, string | undefined>();
    try {
      await bed.start();
      for (const c of cases().filter((one) => one.needs === "mesh")) {
        results.set(c.id, await run(bed, c, base.callers));
        const fault = results.get(c.id);
        process.stdout.write(
          `${fault === undefined ? "pass" : "FAIL"} ${c.id}${fault === undefined ? "" : `: ${fault}`}\n`,
        );
      }
    } finally {
      await bed.stop();
    }
    const failed = [...results].flatMap(([id, fault]) => (fault === undefined ? [] : [id]));
    expect(failed.sort()).toEqual(Object.keys(failing).sort());
  });
}
