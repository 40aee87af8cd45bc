import type { KubeConfig } from "@kubernetes/client-node";
import { Refusal } from "../api/http/answer.ts";
import type { Subject } from "../api/who/caller.ts";
import { reviewOwnAccess } from "../kubernetes/access-review.ts";
import { type AsUser, clientAs } from "../kubernetes/as-user.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";

/** Names that Kubernetes keeps for itself: an issuer or a proxy may say them, and nobody is taken for one. */
const reserved = /^system:/;
/** Groups of somebody beyond this number are left out, and with them what they would be allowed. */
const mostGroups = 50;

/** Somebody of the console, as far as a cluster needs to know them. */
export type ClusterCaller = Pick<Subject, "name" | "groups" | "how" | "bearer">;

/** Speaks to a cluster's API server as whoever asks: what they change and read there, they do with their own rights. */
export interface ClusterCallers {
  /** Why somebody cannot be spoken for, with what to do; undefined where they can. Rejects with KubernetesError. */
  refusal(caller: ClusterCaller): Promise<Refusal | undefined>;
  /** Runs what is asked as somebody. Rejects with a Refusal where they cannot be spoken for. */
  as<T>(caller: ClusterCaller, run: (client: KubernetesClient) => Promise<T>): Promise<T>;
  /** A client of theirs, to be closed by whoever asks for it. Rejects as `as` does. */
  open(caller: ClusterCaller): Promise<KubernetesClient>;
}

export function clusterCallers(config: KubeConfig, own: KubernetesClient): ClusterCallers {
  const mayBe = (resource: "users" | "groups", name: string) =>
    reserved.test(name)
      ? Promise.resolve(false)
      : reviewOwnAccess(own, { verb: "impersonate", group: "", resource, namespace: "", name });
  const find = async (caller: ClusterCaller): Promise<AsUser | Refusal> => {
    const { name, groups, how, bearer } = caller;
    if (how === "kubernetes" && bearer !== undefined) return { token: bearer };
    if (how !== "oidc" && how !== "header") return noUser(caller);
    if (await mayBe("users", name)) {
      const asked = groups.slice(0, mostGroups);
      const may = await Promise.all(asked.map((group) => mayBe("groups", group)));
      return { impersonated: { username: name, groups: asked.filter((_, i) => may[i]), extra: {} } };
    }
    return bearer === undefined ? mayNot(name) : { token: bearer };
  };
  const open = async (caller: ClusterCaller) => {
    const found = await find(caller);
    if (found instanceof Refusal) throw found;
    return clientAs(config, found);
  };
  return {
    open,
    async refusal(caller) {
      const found = await find(caller);
      return found instanceof Refusal ? found : undefined;
    },
    async as(caller, run) {
      const client = await open(caller);
      try {
        return await run(client);
      } finally {
        client.close();
      }
    },
  };
}

const byToken = "log in by a Kubernetes token (kubectl create token NAME -n NAMESPACE), or run the kubectl command";

function noUser({ name, how }: ClusterCaller): Refusal {
  const who = how === "machine" ? "whoever has not logged in" : name;
  return new Refusal(403, `${who} is no user of this cluster, and the console does there what its users may`, byToken);
}

function mayNot(name: string): Refusal {
  const how = "let the control plane speak for its users by the chart's console.impersonation";
  return new Refusal(403, `the control plane may not act in the name of ${name} here`, `${byToken}; or ${how}`);
}
