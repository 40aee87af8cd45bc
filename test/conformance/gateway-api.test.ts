import { afterAll, beforeAll, expect, test } from "vitest";
import { Bed } from "./gateway-api/bed.ts";
import { type Case, cases, isHere, type Step } from "./gateway-api/cases.ts";
import { entrances } from "./gateway-api/listeners.ts";
import { callDoors, driver, overlaid } from "./gateway-api/overlay.ts";
import { suiteCertificates } from "./gateway-api/secrets.ts";
import { byteStep, type Ground, grpcStep, httpStep, tlsStep } from "./gateway-api/steps.ts";

/** Cases that do not pass, each with its reason. */
const failing: Readonly<Record<string, string>> = {
  MeshHTTPRouteNamedRule:
    "the suite expects that the backend of /unnamed is asked for /named, and its rule rewrites nothing",
  MeshFrontendHostname:
    "sidecars choose a service by the Host that is written, as Istio's do, not by the address that is called",
};

const patience = 8_000;

async function until(attempt: () => Promise<string | undefined>, milliseconds: number): Promise<string | undefined> {
  for (const end = performance.now() + milliseconds; ; ) {
    const fault = await attempt();
    if (fault === undefined || performance.now() > end) return fault;
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** What is wrong with the traffic of a step; conditions of objects are not traffic. */
function attempt(ground: Ground, step: Step): Promise<string | undefined> {
  if (step.kind === "http") return httpStep(ground, step);
  if (step.kind === "grpc") return grpcStep(ground, step);
  if (step.kind === "tls") return tlsStep(ground, step);
  if (step.kind === "tcp" || step.kind === "udp") return byteStep(ground, step);
  return Promise.resolve(undefined);
}

async function run(ground: Ground, c: Case): Promise<string | undefined> {
  const { bed, certificates } = ground;
  const texts = new Map(c.manifests.map((file, i) => [`case-${i}`, overlaid(file, false, certificates.files).text]));
  for (const [name, text] of texts) bed.write(name, text);
  const own: Ground = { ...ground, entrances: (...asked) => entrances(c, ...asked) };
  try {
    for (const [index, step] of c.steps.entries()) {
      if (step.kind === "mutate") {
        for (const [name, text] of texts) bed.write(name, without(text, step.object.metadata));
        continue;
      }
      const fault = await until(() => attempt(own, step), patience);
      if (fault !== undefined) return `step ${index} (${step.kind}): ${fault}`;
    }
    return undefined;
  } finally {
    for (const name of texts.keys()) bed.remove(name);
  }
}

function without(text: string, { name, namespace }: { readonly name: string; readonly namespace: string }): string {
  const is = (doc: string) => doc.includes(`name: ${name}\n`) && doc.includes(`namespace: ${namespace}\n`);
  return text
    .split("---\n")
    .filter((doc) => !(doc.includes("kind: ReferenceGrant") && is(doc)))
    .join("---\n");
}

/** The mesh that all cases run on: the suite's two sets of workloads, and who calls. */
async function prepared(): Promise<Ground> {
  const bed = new Bed();
  const certificates = await suiteCertificates();
  const mesh = overlaid("manifests/mesh/manifests.yaml", true, certificates.files);
  const gateways = overlaid("manifests/base/manifests.yaml", false, certificates.files);
  const outside = { namespace: "calls", name: "driver", labels: { app: "driver" } };
  bed.write("mesh", mesh.text);
  bed.write("gateways", gateways.text);
  bed.write("certificates", certificates.objects);
  bed.write("driver", driver());
  bed.write("doors", callDoors([...mesh.callers, outside]));
  return { bed, callers: mesh.callers, certificates, entrances: () => [] };
}

if (!isHere) {
  test("the conformance cases are here", () => {
    process.stdout.write("conformance/gateway-api: no cases at ../shared/conformance, nothing was checked\n");
    expect(process.env["CI"]).not.toBe("true");
  });
} else {
  const traffic = cases().filter((c) => c.steps.some((step) => step.kind !== "status" && step.kind !== "mutate"));
  let ground: Ground;

  beforeAll(async () => {
    ground = await prepared();
    await ground.bed.start();
  });
  afterAll(async () => {
    await ground?.bed.stop();
    ground?.certificates.remove();
  });

  test("what fails is a case", () => {
    expect(traffic.length).toBeGreaterThan(50);
    const ids = new Set(traffic.map((c) => c.id));
    expect(Object.keys(failing).filter((id) => !ids.has(id))).toEqual([]);
  });

  test.each(traffic.map((c) => [c.id, c] as const))("%s", async (id, c) => {
    const fault = await run(ground, c);
    if (failing[id] === undefined) expect(fault).toBeUndefined();
    else expect(fault, "it passes: take it out of the list").toBeDefined();
  });
}
