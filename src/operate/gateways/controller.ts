import type { Ref, Resource } from "../../model/resource.ts";
import type { Operator, World } from "../operator.ts";
import { reconciler } from "../reconcile.ts";
import { applyManifest, gatewayUid, madeObjects, removeMade } from "./cluster-objects.ts";
import type { Manifest } from "./manifest.ts";

/** A Gateway, and all that its router shall be made of. */
export interface WantedRouter {
  readonly gateway: Resource;
  readonly objects: readonly Manifest[];
}

export interface WantedRouters {
  readonly routers: readonly WantedRouter[];
  /** `namespace/name` of all Gateways that are looked after, another controller's among them: what was made for others is left alone. */
  readonly known: ReadonlySet<string>;
}

export interface GatewayControllerOptions extends Pick<World, "client" | "clock" | "random" | "log"> {
  /** Undefined until the mesh is known whole. */
  readonly wanted: () => WantedRouters | undefined;
  /** An object as the mesh knows it now. */
  readonly there: (ref: Ref) => Resource | undefined;
  /** Told after each change of the mesh; the answer ends it. */
  readonly onChange: (listener: () => void) => () => void;
}

interface Before {
  readonly text: string;
  /** The object as the mesh knew it when it was applied: any other is looked after again. */
  readonly seen: Resource | undefined;
}

/** Milliseconds after which all is applied again: kinds that the mesh does not watch may have been changed. */
const allAgainMs = 600_000;

/** Keeps a Deployment, a Service and a ServiceAccount for each Gateway of Gateway API, and takes away what no Gateway asks for any more. */
export function gatewayController(options: GatewayControllerOptions): Operator {
  return () => {
    const { clock } = options;
    const state: State = { before: new Map(), looked: false };
    const loop = reconciler({ name: "routers of Gateways", ...options, once: () => settle(options, state) });
    const unfollow = options.onChange(() => loop.changed());
    let cancel = () => {};
    const again = () => {
      cancel = clock.after(allAgainMs, () => {
        state.before.clear();
        state.looked = false;
        loop.changed();
        again();
      });
    };
    again();
    loop.changed();
    return () => {
      cancel();
      unfollow();
      loop.stop();
    };
  };
}

interface State {
  readonly before: Map<string, Before>;
  /** What earlier leaders made and nobody wants was looked for. */
  looked: boolean;
}

async function settle(options: GatewayControllerOptions, state: State): Promise<void> {
  const found = options.wanted();
  if (found === undefined) return;
  const { routers, known } = found;
  const failed: string[] = [];
  const wanted = new Set(routers.flatMap((router) => router.objects.map((object) => keyOf(object.ref))));
  for (const router of routers) {
    try {
      await settleRouter(options, state, router);
    } catch (error) {
      const { namespace, name } = router.gateway;
      failed.push(`Gateway ${namespace}/${name}: ${(error as Error).message}`);
    }
  }
  const gone = [...state.before.keys()].filter((key) => !wanted.has(key));
  if (gone.length > 0 || !state.looked) {
    await removeOthers(options, known, wanted);
    state.looked = true;
    for (const key of gone) state.before.delete(key);
  }
  if (failed.length > 0) throw new Error(failed.join("; "));
}

async function settleRouter(
  { client, log, there }: GatewayControllerOptions,
  { before }: State,
  { gateway, objects }: WantedRouter,
): Promise<void> {
  const due = objects.flatMap((object) => {
    const key = keyOf(object.ref);
    const text = JSON.stringify(object.body);
    const seen = there(object.ref);
    const last = before.get(key);
    return last?.text === text && last.seen === seen ? [] : [{ object, key, text, seen }];
  });
  if (due.length === 0) return;
  const uid = await gatewayUid(client, gateway.apiVersion, gateway);
  if (uid === undefined) return;
  const owner = { apiVersion: gateway.apiVersion, name: gateway.name, uid };
  for (const { object, key, text, seen } of due) {
    const found = await applyManifest(client, object, owner);
    if (found === "another's" && !before.has(key))
      log.warn("an object of a user has the name of a Gateway's router: it is left as it is", { object: key });
    before.set(key, { text, seen });
  }
}

/** What was made for a Gateway that is gone goes by its owner; what a Gateway no longer wants, by its class or addresses, goes here. */
async function removeOthers(
  { client, log }: GatewayControllerOptions,
  known: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): Promise<void> {
  for (const made of await madeObjects(client)) {
    if (wanted.has(keyOf(made)) || !known.has(`${made.namespace}/${made.gateway}`)) continue;
    log.info("takes away what no Gateway asks for", { object: keyOf(made), gateway: made.gateway });
    await removeMade(client, made);
  }
}

function keyOf({ type, namespace, name }: Ref): string {
  return `${type} ${namespace}/${name}`;
}
