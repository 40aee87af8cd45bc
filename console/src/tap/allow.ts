import type { TapRequest } from "../../../src/api/contract/tap.ts";

/**
 * The least that lets this request in: an AuthorizationPolicy for its workload, its caller, method, path and port. Undefined where a policy that
 * denies decided (one that allows is of no use there), or nobody knows who called.
 */
export function allowPolicy(request: TapRequest, dryRun: boolean): string | undefined {
  const { verdict, policy, source, destination, method, path, port } = request;
  const principal = source.identity?.replace(/^spiffe:\/\//, "");
  if (verdict !== "denied" || policy !== undefined || principal === undefined) return undefined;
  const { namespace, app, workload } = destination;
  const caller = /\/sa\/([^/]+)$/.exec(principal)?.[1] ?? "caller";
  const name = `allow-${caller}-to-${app ?? workload}`
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, 63);
  const operation = [
    ...(method === undefined ? [] : [`methods: [${JSON.stringify(method)}]`]),
    ...(path === undefined ? [] : [`paths: [${JSON.stringify(path)}]`]),
    `ports: ["${port}"]`,
  ];
  return [
    "apiVersion: security.istio.io/v1",
    "kind: AuthorizationPolicy",
    "metadata:",
    `  name: ${name}`,
    `  namespace: ${namespace}`,
    ...(dryRun ? ["  annotations:", '    istio.io/dry-run: "true"'] : []),
    "spec:",
    ...(app === undefined ? [] : ["  selector:", "    matchLabels:", `      app: ${app}`]),
    "  action: ALLOW",
    "  rules:",
    "  - from:",
    "    - source:",
    `        principals: [${JSON.stringify(principal)}]`,
    "    to:",
    "    - operation:",
    ...operation.map((line) => `        ${line}`),
    "",
  ].join("\n");
}
