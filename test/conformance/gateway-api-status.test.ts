import { expect, test } from "vitest";
import { kindOf, type Ref } from "../../src/model/resource.ts";
import { apply, empty } from "../../src/model/snapshot.ts";
import { types } from "../../src/model/types.ts";
import { type ParentStatus, routeStatus, routeStatusKey } from "../../src/plan/gateway-api/route-status.ts";
import { parseText } from "../../src/sources/text/text.ts";
import { Tracker } from "../../src/track/tracker.ts";
import { type Case, cases, isHere, type StatusStep } from "./gateway-api/cases.ts";
import { overlaid } from "./gateway-api/overlay.ts";
import { suiteCertificates } from "./gateway-api/secrets.ts";

// What Gateway API's conformance cases want to read in the status of routes, held against what the plan says of each.

const routeTypes = [types.HttpRoute, types.GrpcRoute, types.TlsRoute, types.TcpRoute, types.UdpRoute];

interface Name {
  readonly Namespace: string;
  readonly Name: string;
}

/** What the suite's helpers are given; which they are says what must hold. */
interface Args {
  readonly gw?: string;
  readonly gwNN?: Name;
  readonly routeNN?: Name;
  readonly routeNNs?: readonly Name[];
  readonly routeName?: Name;
  readonly condition?: { readonly type: string; readonly status: string; readonly reason: string };
}

const text = (name: Name) => `${name.Namespace}/${name.Name}`;

/** What is wrong with the status of the routes that a step names; undefined for a step of another kind of object. */
function faultOf(tracker: Tracker, step: StatusStep): string | undefined {
  const { gw, gwNN, routeNN, routeNNs, routeName, condition } = step.args as Args;
  const gateway = gw ?? (gwNN && text(gwNN));
  const routes = (routeNNs ?? [routeNN ?? routeName]).flatMap((name) => (name ? [name] : []));
  for (const name of routes) {
    const at = parentsOf(tracker, name).filter((p) => gateway === undefined || nameOf(p.parent) === gateway);
    const fault = judge(step.assert, at, condition);
    if (fault !== undefined) return `${step.assert} ${text(name)}: ${fault}`;
  }
  return undefined;
}

function parentsOf(tracker: Tracker, { Namespace, Name }: Name): readonly ParentStatus[] {
  return routeTypes.flatMap((type) =>
    tracker.ask(routeStatus, routeStatusKey({ type, namespace: Namespace, name: Name })),
  );
}

function nameOf({ namespace, name }: Ref): string {
  return `${namespace}/${name}`;
}

function judge(assert: string, parents: readonly ParentStatus[], wanted: Args["condition"]): string | undefined {
  const accepted = parents.filter((p) => p.notAccepted === undefined);
  const unresolved = parents.flatMap((p) => p.faults).filter((f) => f.condition === "ResolvedRefs");
  const told = [...parents.flatMap((p) => p.notAccepted ?? []), ...unresolved].map((f) => f.reason).join(", ");
  if (/RoutesMustBeAccepted$/.test(assert)) return accepted.length > 0 ? undefined : `no parent takes it: ${told}`;
  if (/NoAcceptedParents$/.test(assert)) return accepted.length === 0 ? undefined : "a parent takes it";
  if (/ResolvedRefsConditionsTrue$/.test(assert)) return unresolved.length === 0 ? undefined : told;
  if (!/RouteMustHaveCondition$/.test(assert) || wanted === undefined) return undefined;
  const reasons =
    wanted.type === "ResolvedRefs"
      ? unresolved.map((f) => f.reason)
      : parents.flatMap((p) => p.notAccepted?.reason ?? []);
  if (wanted.status === "True") return reasons.length === 0 ? undefined : told;
  return reasons.includes(wanted.reason) ? undefined : `${wanted.reason} is wanted, and told is: ${told}`;
}

const isOfRoutes = ({ assert }: StatusStep) =>
  /^(?:GatewayAnd|HTTPRoute|GRPCRoute|TLSRoute|TCPRoute|UDPRoute)/.test(assert);

if (!isHere) {
  test("the conformance cases are here", () => {
    process.stdout.write("conformance/gateway-api-status: no cases at ../shared/conformance, nothing was checked\n");
    expect(process.env["CI"]).not.toBe("true");
  });
} else {
  const own = (c: Case) => c.steps.flatMap((s) => (s.kind === "status" && isOfRoutes(s) ? [s] : []));
  const some = cases().filter((c) => own(c).length > 0);

  test("covers most of the cases", () => expect(some.length).toBeGreaterThan(40));

  test.each(some.map((c) => [c.id, c] as const))("%s", async (_id, c) => {
    const certificates = await suiteCertificates();
    try {
      const files = [c.base, ...c.manifests].map(
        (file) => [file, overlaid(file, false, certificates.files).text] as const,
      );
      const all = [...files, ["certificates.yaml", certificates.objects] as const];
      const resources = all.flatMap(([file, yaml]) => parseText(file, yaml).resources);
      const tracker = new Tracker(
        apply(
          empty,
          resources.map((put) => ({ put })),
        ),
      );
      expect(own(c).flatMap((step) => faultOf(tracker, step) ?? [])).toEqual([]);
      expect(resources.some((r) => kindOf(r.type).endsWith("Route"))).toBe(true);
    } finally {
      certificates.remove();
    }
  });
}
