import { controlPlaneName } from "../agent/bootstrap-xds.ts";
import type { Authority } from "../ca/authority.ts";
import { renewalTime } from "../ca/rotation.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { TlsMaterial } from "../xds/listener.ts";

/** Whom the control plane's own certificate is of. */
export const controlPlaneIdentity = { namespace: "istio-system", serviceAccount: "istiod" } as const;

/** Names that the control plane is reached by. */
export interface ServerNames {
  /** Beside Istio's own, which proxies look for. */
  readonly dns: readonly string[];
  readonly ips: readonly string[];
}

export interface Renewal {
  /** The certificate to begin with. */
  readonly first: TlsMaterial;
  /** Hears of each newer one; the answer ends it. */
  follow(use: (tls: TlsMaterial) => void): () => void;
  stop(): void;
}

const longestWaitMs = 86_400_000;
const retryMs = 60_000;

/** The control plane's own certificate, renewed at half of its life for as long as it runs. */
export async function serverCertificate(
  authority: Authority,
  names: ServerNames,
  { clock, random, log }: { clock: Clock; random: Random; log: Log },
): Promise<Renewal> {
  const identity = { trustDomain: authority.trustDomain, ...controlPlaneIdentity };
  const dns = [...new Set([controlPlaneName, ...names.dns])];
  const issue = async () => {
    const life = await authority.issueServer(identity, { dns, ips: names.ips });
    const tls = { key: life.key.pem(), cert: life.chain, ca: authority.roots.join("") };
    return { tls, renewAt: renewalTime(life, random) };
  };
  const users = new Set<(tls: TlsMaterial) => void>();
  let cancel = () => {};
  const wait = (until: number) => {
    cancel = clock.after(Math.min(Math.max(until - clock.now(), 1000), longestWaitMs), () => {
      if (clock.now() < until) wait(until);
      else void renew();
    });
  };
  const renew = async () => {
    try {
      const next = await issue();
      for (const use of users) use(next.tls);
      wait(next.renewAt);
    } catch (error) {
      log.error("the control plane's own certificate was not renewed", { error: (error as Error).message });
      wait(clock.now() + retryMs);
    }
  };
  const { tls, renewAt } = await issue();
  wait(renewAt);
  return {
    first: tls,
    follow(use) {
      users.add(use);
      return () => users.delete(use);
    },
    stop: () => cancel(),
  };
}
