import { controlPlaneName } from "../agent/bootstrap-xds.ts";
import type { Authority } from "../ca/authority.ts";
import type { PrivateFiles } from "../ca/private-files.ts";
import { renewalTime } from "../ca/rotation.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { TlsMaterial, TlsVersion } from "../xds/listener.ts";
import { certificateMeanwhile, keepCertificate, type ServerCertificate } from "./kept-certificate.ts";

/** Whom the control plane's own certificate is of. */
export const controlPlaneIdentity = { namespace: "istio-system", serviceAccount: "istiod" } as const;

/** Names that the control plane is reached by. */
export interface ServerNames {
  /** Beside Istio's own, which proxies look for. */
  readonly dns: readonly string[];
  readonly ips: readonly string[];
}

export interface Renewal {
  /** The certificate of now. */
  readonly first: TlsMaterial;
  /** Hears of each newer one; the answer ends it. */
  follow(use: (tls: TlsMaterial) => void): () => void;
  stop(): void;
}

export interface ServerCertificateOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where it is kept, so that a control plane whose authority is broken still has it after a restart. */
  readonly files?: PrivateFiles;
  /** The least version of TLS on the ports that show it; TLS 1.2 when absent. */
  readonly minVersion?: TlsVersion;
}

const longestWaitMs = 86_400_000;
const retryMs = 60_000;

/**
 * The control plane's own certificate, renewed at half of its life for as long as it runs, with the roots as they change. While the authority
 * cannot sign it is the last one that was kept; without any, one that nobody trusts, so that all that needs no trust goes on.
 */
export async function serverCertificate(
  authority: Authority,
  names: ServerNames,
  { clock, random, log, files, minVersion }: ServerCertificateOptions,
): Promise<Renewal> {
  const identity = { trustDomain: authority.trustDomain, ...controlPlaneIdentity };
  const dns = [...new Set([controlPlaneName, ...names.dns])];
  const issue = async (): Promise<ServerCertificate> => {
    const made = await authority.issueServer(identity, { dns, ips: names.ips });
    const own = { ...made, key: made.key.pem() };
    keepCertificate(files, own, log);
    return own;
  };
  const made = await issue().catch((error: Error) => error);
  const failed = made instanceof Error;
  if (failed) log.error("the control plane's own certificate was not renewed", { error: made.message });
  const first = failed ? await certificateMeanwhile(files, { clock, random, log }) : made;
  const least = minVersion === undefined ? {} : { minVersion };
  return renewed({ first, failed, issue, authority, clock, random, log, least });
}

interface Renewed {
  readonly first: ServerCertificate;
  readonly failed: boolean;
  readonly issue: () => Promise<ServerCertificate>;
  readonly authority: Authority;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly least: Pick<TlsMaterial, "minVersion">;
}

function renewed({ first, issue, authority, clock, random, log, least, ...given }: Renewed): Renewal {
  const tlsOf = ({ key, chain }: ServerCertificate): TlsMaterial => ({
    key,
    cert: chain,
    ca: authority.roots.join(""),
    ...least,
  });
  const users = new Set<(tls: TlsMaterial) => void>();
  let { failed } = given;
  let certificate = first;
  let now = tlsOf(first);
  let cancel = () => {};
  const tell = () => {
    now = tlsOf(certificate);
    for (const user of users) user(now);
  };
  const wait = (until: number) => {
    cancel();
    cancel = clock.after(Math.min(Math.max(until - clock.now(), 1000), longestWaitMs), () => {
      if (clock.now() < until) wait(until);
      else void renew();
    });
  };
  const renew = async () => {
    try {
      certificate = await issue();
      failed = false;
      tell();
      wait(renewalTime(certificate, random));
    } catch (error) {
      failed = true;
      log.error("the control plane's own certificate was not renewed", { error: (error as Error).message });
      wait(clock.now() + retryMs);
    }
  };
  wait(failed ? clock.now() + retryMs : renewalTime(first, random));
  const deaf = authority.onChange(() => {
    if (failed && authority.status().signing) void renew();
    else if (authority.roots.join("") !== now.ca) tell();
  });
  return {
    get first() {
      return now;
    },
    follow(user) {
      users.add(user);
      return () => users.delete(user);
    },
    stop() {
      deaf();
      cancel();
    },
  };
}
