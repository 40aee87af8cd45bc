import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A user who may do little. */
export interface AccountOptions {
  readonly namespace: string;
  readonly name: string;
  /** Rules of a ClusterRole, bound in the whole cluster; none by default. */
  readonly rules?: readonly object[];
  /** Rules of Roles by their namespace. */
  readonly in?: Readonly<Record<string, readonly object[]>>;
  /** Of the token; the API server's own by default. */
  readonly audience?: string;
}

type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** Creates a ServiceAccount with its Roles; answers the path of its kubeconfig in `folder`. */
export async function accountKubeconfig(folder: string, kubectl: Kubectl, options: AccountOptions): Promise<string> {
  await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects(options) }));
  const audience = options.audience === undefined ? [] : [`--audience=${options.audience}`];
  const token = await kubectl([
    "create",
    "token",
    options.name,
    "-n",
    options.namespace,
    "--duration=24h",
    ...audience,
  ]);
  const admin = JSON.parse(readFileSync(join(folder, "kubeconfig"), "utf8")) as object;
  const file = join(folder, `kubeconfig-${options.namespace}-${options.name}`);
  writeFileSync(file, JSON.stringify({ ...admin, users: [{ name: "admin", user: { token: token.trim() } }] }), {
    mode: 0o600,
  });
  return file;
}

function objects({ namespace, name, rules = [], in: roles = {} }: AccountOptions): readonly object[] {
  const rbac = "rbac.authorization.k8s.io";
  const own = `${namespace}-${name}`;
  const subjects = [{ kind: "ServiceAccount", namespace, name }];
  const pair = (kind: "ClusterRole" | "Role", metadata: object, its: readonly object[]) => [
    { apiVersion: `${rbac}/v1`, kind, metadata, rules: its },
    {
      apiVersion: `${rbac}/v1`,
      kind: `${kind}Binding`,
      metadata,
      subjects,
      roleRef: { apiGroup: rbac, kind, name: own },
    },
  ];
  return [
    ...[...new Set([namespace, ...Object.keys(roles)])].map((each) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: each },
    })),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name } },
    ...pair("ClusterRole", { name: own }, rules),
    ...Object.entries(roles).flatMap(([where, its]) => pair("Role", { namespace: where, name: own }, its)),
  ];
}
